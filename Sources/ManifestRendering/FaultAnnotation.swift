/// On a VirtualService that injects faults: when they end (RFC 3339).
public enum FaultAnnotation {
  public static let name = "agentdeploy.dev/fault-expires-at"
}
