/// What requests of MCP say in their headers since 2026-07-28.
/// https://modelcontextprotocol.io/seps/2243-http-standardization
public enum MCPRequests {
  public static let methodHeader = "Mcp-Method"
  /// The tool of a tools/call, the prompt of a prompts/get, the URI of a resources/read.
  public static let nameHeader = "Mcp-Name"
  public static let toolCall = "tools/call"
  /// Requests that ask and change nothing.
  public static let readOnlyMethods = [
    "server/discover", "tools/list", "prompts/list", "prompts/get", "resources/list",
    "resources/templates/list", "resources/read", "completion/complete",
  ]
}
