import ArgumentParser
import ControllerRuntime
import CurlHTTP
import Logging

struct ReloadCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reload",
    abstract: "Beside an agent, in its pod: tell it when mounted files have changed.",
    discussion: """
      The operator runs it in the pods of agents that have secrets with onChange: Reload. It looks
      where the link ..data of each volume leads, which the kubelet swaps when the Secret has changed,
      and then calls the URL by POST until it answers with 2xx. It opens none of the files, and calls
      nobody before the first change. With --record it knows after a restart what has been told.
      Ends on SIGTERM or SIGINT, within 5 s.

      EXIT CODES:
        0    told to end, and done
        1    a folder is not there, or what --record names cannot be read or written
        2    the command line is wrong
        130  ended by a second signal

      EXAMPLES:
        agent-operator reload --watch /etc/agent/secrets/llm --url http://127.0.0.1:8080/-/reload
        agent-operator reload --watch /etc/a --watch /etc/b --url http://127.0.0.1:8080/reload \
          --record /var/lib/agent-reload/versions.json --log-format json
      """)

  @Option(
    help: ArgumentHelp(
      "Where a Secret or ConfigMap is mounted; repeat it for several.", valueName: "folder"),
    completion: .directory)
  var watch: [String]

  @Option(help: "What to call by POST, without a body.")
  var url: String

  @Option(
    help: ArgumentHelp(
      "A file to keep what has been told in, on a volume that outlives the container.",
      valueName: "file"), completion: .file())
  var record: String?

  @Option(help: "How often to look.")
  var interval: DurationArgument = .init(seconds: 2)

  @Option(help: "How long one call may take.")
  var timeout: DurationArgument = .init(seconds: 10)

  @Option(help: "text or json.")
  var logFormat: LogFormat = .text

  @Option(help: "trace, debug, info, notice, warning, error or critical.")
  var logLevel: Logger.Level = .info

  func validate() throws {
    if watch.isEmpty { throw ValidationError("--watch names no folder") }
    guard ["http://", "https://"].contains(where: url.hasPrefix),
      url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f })
    else {
      throw ValidationError("--url must be http://HOST:PORT/PATH, not '\(url)'")
    }
  }

  func run() async throws {
    Allocator.keepSmall()
    let logger = Logger(label: "agent-operator") { label in
      LineLogHandler(label: label, format: logFormat, level: logLevel)
    }
    let loop = ReloadLoop(
      volumes: MountedVolumes(watch), record: record.map(ReloadRecord.init), clock: SystemClock(),
      interval: interval.duration, logger: logger, call: try Self.call(url, timeout.duration))
    let known = try loop.start()
    logger.info(
      "watching",
      metadata: [
        "folders": .string(watch.joined(separator: ",")),
        "url": .string(String(url.prefix { $0 != "?" })),
      ])
    ResidentCode.drop()
    await untilTerminated(within: .seconds(5)) { await loop.run(from: known) }
    logger.info("stopped")
  }

  /// The agent is asked directly, whatever proxy the environment names.
  private static func call(_ url: String, _ timeout: Duration) throws -> ReloadLoop.Call {
    let client: CurlHTTPClient
    do {
      client = try CurlHTTPClient(
        configuration: HTTPClientConfiguration(
          proxy: .none, userAgent: "agent-operator/\(Version.current)", maximumConnections: 1))
    } catch {
      throw CommandFailure("error: \(error)")
    }
    return {
      try await client.send(
        HTTPRequest(method: "POST", url: url, body: [], timeout: timeout, maximumBodyBytes: 1 << 20)
      ).status
    }
  }
}
