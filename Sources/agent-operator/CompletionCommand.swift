import ArgumentParser

struct CompletionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "completion",
    abstract: "Print shell completion: bash, zsh or fish.",
    discussion: """
      EXAMPLES:
        agent-operator completion bash > /etc/bash_completion.d/agent-operator
        agent-operator completion zsh > ~/.zfunc/_agent-operator
        agent-operator completion fish > ~/.config/fish/completions/agent-operator.fish
      """)

  enum Shell: String, ExpressibleByArgument, CaseIterable {
    case bash, zsh, fish
  }

  @Argument(help: "bash, zsh or fish.")
  var shell: Shell

  func run() {
    let shell: CompletionShell =
      switch self.shell {
      case .bash: .bash
      case .zsh: .zsh
      case .fish: .fish
      }
    Terminal.write(AgentOperatorCommand.completionScript(for: shell))
  }
}
