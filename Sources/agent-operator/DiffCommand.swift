import AgentDeploymentAPI
import AgentOperator
import ArgumentParser
import ControllerRuntime
import JSON
import KubernetesAPI
import KubernetesClient
import ManifestRendering
import YAML

struct DiffCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "What would change: rendered objects against a cluster, files or a git revision.",
    discussion: """
      Against a cluster every object is applied as a dry run, as the operator's own field manager, so
      that the server's defaults and other managers' fields are on both sides. Values of Secrets are
      never shown, only whether they differ. Against a git revision the files, folders and classes are
      read as the revision has them, with files that are gone since.

      EXIT CODES:
        0  nothing differs
        1  something does
        2  it could not be found out, or the command line is wrong

      EXAMPLES:
        agent-operator diff -f agent.yaml                          against the cluster
        agent-operator diff -f agent.yaml --against rendered/      files of `render`, or a folder
        agent-operator diff -f agents/ --against git:main          what a branch changes
      """)

  @OptionGroup var input: InputOptions

  @OptionGroup var cluster: ClusterOptions

  @Option(
    help: ArgumentHelp(
      "Rendered objects in a file or folder, or git:REVISION. The cluster by default.",
      valueName: "what"), completion: .file())
  var against: String?

  func run() async throws {
    let found = try await Self.failingWithTwo { try await self.difference() }
    for difference in found.findings { Terminal.write(difference.text, newline: false) }
    try found.requireAll()
    if !found.findings.allSatisfy(\.isEmpty) { throw CommandFailure([], exitCode: 1) }
  }

  /// Here 1 means a difference, so that every failure is 2.
  static func failingWithTwo<Value>(_ body: () async throws -> Value) async throws -> Value {
    do {
      return try await body()
    } catch let failure as CommandFailure {
      throw CommandFailure(failure.lines, exitCode: 2)
    } catch let error as ValidationError {
      throw error
    } catch {
      throw CommandFailure("error: \(error)", exitCode: 2)
    }
  }

  private func difference() async throws -> AgentFindings<ObjectDifference> {
    guard let against else { return try await clusterDifference() }
    return AgentFindings(findings: [try difference(against)])
  }

  private func difference(_ against: String) throws -> ObjectDifference {
    let now = SystemClock().wallTime
    let objects = try input.load(now: now).rendered(now: now)
    if against.hasPrefix("git:") {
      let revision = String(against.dropFirst(4))
      let old = try input.load(at: revision, now: now).rendered(now: now)
      return ObjectDifference(from: old, to: objects, oldName: revision, newName: "now")
    }
    let read = YAML.loadDocuments(paths: [against], recursive: true)
    guard read.errors.isEmpty else {
      throw CommandFailure(read.errors.map { "error: \($0)" })
    }
    let old = read.documents.flatMap { document in
      document.value["kind"] == "List" ? document.value["items"]?.array ?? [] : [document.value]
    }
    return ObjectDifference(
      from: old.map(KubernetesObject.init), to: objects, oldName: against, newName: "rendered")
  }

  private func clusterDifference() async throws -> AgentFindings<ObjectDifference> {
    let manifests = try input.load(
      now: SystemClock().wallTime, place: cluster.configuration().namespace)
    let client = try cluster.connect()
    var found = AgentFindings<ObjectDifference>()
    var live: [KubernetesObject] = []
    var applied: [KubernetesObject] = []
    var isInstalled = true
    for (namespace, agents) in manifests.byNamespace {
      let previewer = try await AgentPreviewer(client: client, namespace: namespace)
      isInstalled = isInstalled && previewer.isInstalled
      for agent in agents {
        let preview: AgentPreview
        switch try await previewer.preview(agent.object) {
        case .success(let planned): preview = planned
        case .failure(let errors):
          found.refuse(agent.object.key, errors, in: manifests)
          continue
        }
        let skipped = Set(preview.plan.skipped.map(\.object.key))
        for rendered in preview.rendering.objects where !skipped.contains(rendered.object.key) {
          if let object = try await client.getIfPresent(rendered.resource, rendered.object.key) {
            live.append(object)
          }
          applied.append(
            try await client.apply(
              rendered.sent, resource: rendered.resource,
              fieldManager: OperatorIdentity.fieldManager, dryRun: true))
        }
        for case .delete(let resource, let key, _, _) in preview.plan.deletes {
          if let object = try await client.getIfPresent(resource, key) { live.append(object) }
        }
      }
    }
    if !isInstalled { Terminal.writeError(AgentDefinition.missingNote) }
    found.findings = [
      ObjectDifference(
        from: live.map(Self.readable), to: applied.map(Self.readable), oldName: "live",
        newName: "planned")
    ]
    return found
  }

  /// Without the record of what pods run on: it repeats the Deployment.
  private static func readable(_ object: KubernetesObject) -> KubernetesObject {
    var object = object
    object["metadata"]?["annotations"]?[AppliedRendering.annotation] = nil
    return object
  }
}
