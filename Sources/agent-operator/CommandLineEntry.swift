import ArgumentParser
import Glibc

/// Parses the command line and ends the process with the documented exit codes.
enum CommandLineEntry {
  static func main() async {
    // A reader that closes the pipe early (`| head`) is no reason to die with a signal.
    signal(SIGPIPE, SIG_IGN)
    if let message = wrongHelp(Array(CommandLine.arguments.dropFirst())) {
      Terminal.writeError(message)
      exit(2)
    }
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
  /// ArgumentParser shows the general help for commands that are not there.
  ///
  /// - Returns: nil unless help is asked for about such a command.
  static func wrongHelp(_ arguments: [String]) -> String? {
    guard arguments.first == "help", arguments.dropFirst().first != "help" else { return nil }
    var command: any ParsableCommand.Type = AgentOperatorCommand.self
    for word in arguments.dropFirst() where !word.hasPrefix("-") {
      let commands = command.configuration.subcommands
      guard let next = commands.first(where: { $0.configuration.commandName == word }) else {
        let names = commands.compactMap { $0.configuration.commandName }.joined(separator: ", ")
        return named(
          "error: agent-operator has no command '\(word)'"
            + (names.isEmpty ? "" : "; there is \(names)"))
      }
      command = next
    }
    return nil
  }

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
