import AgentDeploymentAPI
import KubernetesAPI

/// The server of a managed store: its configuration, how it is started, and how it is asked whether it
/// works. Commands are those that the images of Redis and Valkey both have.
struct StateServer {
  let store: StateStore.Managed

  static let passwordDirectory = "/etc/state/auth"
  static let dataDirectory = "/data"
  /// In memory: the configuration that is made at the start holds the password.
  static let runDirectory = "/run/state"
  static let passwordKey = "password"

  /// https://redis.io/docs/latest/operate/oss_and_stack/management/config/
  private var configuration: String {
    var lines = [
      // The star with the minus: a family of addresses that the node lacks is no error.
      "bind * -::*",
      "port \(StateConnection.port)",
      "dir \(Self.dataDirectory)",
    ]
    switch store.persistence {
    case .appendOnly: lines += ["appendonly yes", "appendfsync everysec", "save \"\""]
    case .snapshot: lines += ["appendonly no", "save 900 1 300 10 60 10000"]
    case .none: lines += ["appendonly no", "save \"\""]
    }
    lines += ["maxmemory \(maxMemory)", "maxmemory-policy noeviction"]
    return lines.joined(separator: "\n")
  }

  /// In bytes. A rewrite of the files forks, and in the worst case copies all of it; sessions that are
  /// evicted silently would be worse than a write that fails.
  private var maxMemory: Int64 {
    let limit = store.resources.limits["memory"].flatMap { Quantity($0) }
    let bytes = Int64((limit?.nanos ?? 0) / 1_000_000_000)
    return store.persistence == .none ? bytes / 4 * 3 : bytes / 2
  }

  /// The configuration stands in the command, so that it goes with the pod as one. The password comes
  /// from a file into a file: it is in no argument and no variable. A shell is in both images; an empty
  /// password would let everybody in.
  var startCommand: [String] {
    [
      "sh", "-c",
      """
      set -eu
      umask 077
      test -s \(Self.passwordDirectory)/\(Self.passwordKey) || {
        echo 'the password is empty' >&2
        exit 1
      }
      password=$(sed 's/[\\\\"]/\\\\&/g' \(Self.passwordDirectory)/\(Self.passwordKey))
      cat > \(Self.runDirectory)/redis.conf <<END
      \(configuration)
      requirepass "$password"
      END
      unset password
      exec redis-server \(Self.runDirectory)/redis.conf
      """,
    ]
  }

  /// With the password, so that a server with another one, which the agents could not use, fails too.
  /// The answer counts: redis-cli's exit code says nothing about errors.
  private static let ping =
    "REDISCLI_AUTH=$(cat \(passwordDirectory)/\(passwordKey)) "
    + "redis-cli -h 127.0.0.1 -p \(StateConnection.port) ping 2>&1"

  /// It answers and takes commands.
  static let readyCommand = ["sh", "-c", "\(ping) | grep -q '^PONG$'"]

  /// It answers, also while it loads its data or is kept by a script: a restart would not help. A
  /// password that was replaced in the Secret does not get through: the restart brings it in.
  static let liveCommand = ["sh", "-c", "\(ping) | grep -Eq '^(PONG$|LOADING |BUSY )'"]
}
