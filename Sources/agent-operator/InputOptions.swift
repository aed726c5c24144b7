import AgentDeploymentAPI
import ArgumentParser
import KubernetesAPI
import YAML

/// `-f`, for the commands that read manifests.
struct InputOptions: ParsableArguments {
  @Option(
    name: [.customShort("f"), .customLong("filename")], parsing: .upToNextOption,
    help: ArgumentHelp(
      "Files, folders (their .yaml, .yml and .json files) or - for standard input.",
      valueName: "file"), completion: .file())
  var files: [String] = []

  @Flag(name: [.customShort("R"), .long], help: "Folders inside folders too.")
  var recursive = false

  @Option(
    name: [.customShort("n"), .long],
    help: """
      The namespace of manifests that name none. By default the one called default; where a cluster \
      is asked, that of the kubeconfig's context.
      """)
  var namespace: String?

  func requireFiles() throws {
    if files.isEmpty { throw ValidationError("name at least one file: -f agent.yaml, or -f -") }
  }

  func validate() throws {
    if let namespace, let problem = NameFormat.dns1123Label.problem(in: namespace) {
      throw ValidationError("--namespace '\(namespace)': \(problem)")
    }
  }

  @Option(
    name: .customLong("class"),
    help: ArgumentHelp(
      """
      A file with AgentClasses; those among the manifests count too. Without any the built-in class \
      holds: a cluster with Istio, no defaults, no guard rails.
      """, valueName: "file"), completion: .file())
  var classFile: String?

  /// All agents in the input, or everything that is wrong with it.
  ///
  /// - Parameters:
  ///   - now: seconds since 1970, for what only a clock can tell.
  ///   - place: the namespace where neither a manifest nor `-n` names one.
  ///   - needsAgents: whether an input without any is wrong.
  func load(
    now: Int64, place: String? = nil, needsAgents: Bool = true
  ) throws -> ManifestInput {
    try requireFiles()
    let result = YAML.loadDocuments(paths: files, recursive: recursive)
    let classes = classFile.map { YAML.loadDocuments(paths: [$0]) } ?? YAMLParseResult()
    var input = ManifestInput(defaultNamespace: namespace ?? place, now: now)
    for document in classes.documents where !document.isFaulty { input.addClass(document) }
    for document in result.documents where !document.isFaulty { input.add(document) }
    input.resolveAgents()
    let errors = classes.errors + result.errors + input.errors
    guard errors.isEmpty else {
      throw CommandFailure(
        errors.map { "error: \($0)" }
          + [Self.summary(errors.count)])
    }
    if input.agents.isEmpty, needsAgents || input.classNames.isEmpty {
      throw CommandFailure("error: \(files.joined(separator: ", ")): no AgentDeployment in it")
    }
    return input
  }

  /// What rendering needs to know of agents that may be faulty, beside manifests of any kind.
  ///
  /// - Parameter classes: instead of what the file of `--class` holds.
  /// - Throws: when the file of `--class` cannot be read.
  func surroundings(
    of documents: [YAMLDocument], classes: YAMLParseResult? = nil, now: Int64
  ) throws -> ManifestInput {
    let classes =
      classes ?? classFile.map { YAML.loadDocuments(paths: [$0]) } ?? YAMLParseResult()
    var input = ManifestInput(defaultNamespace: namespace, now: now)
    for document in classes.documents where !document.isFaulty { input.addClass(document) }
    guard classes.errors.isEmpty, input.errors.isEmpty else {
      throw CommandFailure((classes.errors + input.errors).map { "error: \($0)" }, exitCode: 2)
    }
    for document in documents where !document.isFaulty { input.add(document) }
    input.resolveAgents()
    return input
  }

  private static func summary(_ count: Int) -> String {
    count == 1
      ? "1 problem found; nothing was printed" : "\(count) problems found; nothing was printed"
  }
}
