import ArgumentParser
import Glibc

/// Parses the command line and ends the process with the documented exit codes.
enum CommandLineEntry {
  static func main() async {
    // A reader that closes the pipe early (`| head`) is no reason to die with a signal.
    signal(SIGPIPE, SIG_IGN)
    do {
      var command = try AgentOperatorCommand.parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch let failure as CommandFailure {
      for line in failure.lines { Terminal.writeError(line) }
      exit(failure.exitCode)
    } catch {
      let code = AgentOperatorCommand.exitCode(for: error)
      let message = Self.named(AgentOperatorCommand.fullMessage(for: error))
      if code == .success {
        Terminal.write(message)
        exit(0)
      }
      Terminal.writeError(message)
      // ArgumentParser calls usage errors EX_USAGE; ours are 2, as kubectl's users expect.
      exit(code == .validationFailure ? 2 : code.rawValue)
    }
  }
}

extension CommandLineEntry {
  /// Usage and examples under the name that the user has called: as a kubectl plugin the program is
  /// `kubectl-agents`, and people write `kubectl agents`.
  static func named(
    _ text: String, program: String = CommandLine.arguments.first ?? ""
  ) -> String {
    guard program.split(separator: "/").last == "kubectl-agents" else { return text }
    return text.replacing("agent-operator ", with: "kubectl agents ")
  }

  static func exitNow(_ code: Int32) -> Never { exit(code) }
}

/// The work failed; what to print is already in words.
struct CommandFailure: Error {
  var lines: [String]
  var exitCode: Int32

  init(_ lines: [String], exitCode: Int32 = 1) {
    self.lines = lines
    self.exitCode = exitCode
  }

  init(_ line: String, exitCode: Int32 = 1) { self.init([line], exitCode: exitCode) }
}
