public import AgentDeploymentAPI
public import JSON
public import KubernetesAPI

/// What the pods of an agent run on: kept so that neither an edit of the class nor a new version of
/// the operator restarts them (design/api.md, decision 12).
///
/// The rule: a pod template is replaced when the user's own input to it has changed since it was
/// applied (fields of the spec that shape pods, copied ConfigMaps, Secrets that restart), which means
/// a restart anyway. A template that differs for another reason waits for that; until then the agent
/// is rendered as the class shaped its pods at the time, so that Services, policies and ConfigMaps go
/// with the pods that run, and a template that this version would render otherwise is taken from here
/// as it is. Everything that no pod depends on follows at once.
///
/// It is an annotation of the revision's ConfigMap, which is written before the Deployment: what is
/// found there for the live revision and the present input is what the Deployment has, or is about to
/// get. Without it (somebody removed it, or the template is too big for it) the newest is rolled out.
/// It is as big as a Deployment, so it is written down only when the ConfigMap is sent.
public struct AppliedRendering: Sendable, Hashable {
  public static let annotation = "agentdeploy.dev/applied-rendering"
  /// Of the Deployment: the input, known without reading the ConfigMap.
  public static let inputAnnotation = "agentdeploy.dev/pod-input"

  /// Hash over the user's input to the pods.
  public var input: String
  /// The class's.
  public var podPart: AgentClass.PodPart
  /// `spec.template` of the Deployment.
  public var template: JSONValue

  /// Well below what all annotations of an object may have together (256 KiB).
  private static let maxLength = 128 << 10

  public init(input: String, podPart: AgentClass.PodPart, template: JSONValue) {
    self.input = input
    self.podPart = podPart
    self.template = template
  }

  /// - Parameter object: the ConfigMap of a revision.
  /// - Returns: nil when it holds none that makes sense.
  public init?(in object: KubernetesObject) {
    guard let text = object.annotations[Self.annotation], let json = try? JSONValue(parsing: text),
      let input = json["input"]?.string, let template = json["template"], template["spec"] != nil
    else { return nil }
    self.init(input: input, podPart: .init(json["class"] ?? [:]), template: template)
  }

  /// Nil when it is too long.
  var text: String? {
    let json: JSONValue = ["input": .string(input), "class": podPart.json, "template": template]
    let text = json.serialized(.canonical)
    return text.utf8.count <= Self.maxLength ? text : nil
  }

  /// Of the pods.
  public var revision: String? { template["metadata"]?["labels"]?[Revision.label]?.string }

  /// The ConfigMap that holds it for a Deployment.
  public static func configMap(of agent: ObjectKey, revision: String) -> ObjectKey {
    ObjectKey(
      namespace: agent.namespace, name: ObjectNames.configMap(agent: agent.name, revision))
  }

  /// Hash over what the user gives the pods, whatever the class and the version of the operator.
  public static func input(of agent: AgentDeployment, _ context: RenderingContext) -> String {
    var contents: JSONValue = [:]
    for (name, content) in context.configMaps {
      contents[name] = ["data": .object(content.data), "binaryData": .object(content.binaryData)]
    }
    let input: JSONValue = [
      "spec": PodInput.given(agent.object["spec"] ?? [:]), "configMaps": contents,
      "secrets": JSONValue(context.secretVersions),
    ]
    return String(SHA256.hexDigest(of: input.serializedBytes(.canonical)).prefix(16))
  }
}

extension Rendering {
  /// Of the pods: another value restarts them.
  public static let secretsHashAnnotation = "agentdeploy.dev/secrets-hash"

  /// The pods' template; nil without a Deployment.
  public var template: JSONValue? {
    objects.first { $0.resource == .deployments }?.object["spec"]?["template"]
  }
}

extension AgentDeployment {
  /// Puts the kept template into the Deployment, and what the pods run on beside the revision's
  /// ConfigMap. Only for agents of a cluster: elsewhere nothing is running.
  func keep(
    _ kept: AppliedRendering?, in objects: inout [RenderedObject], _ names: ObjectNames,
    _ context: RenderingContext
  ) {
    guard object.uid != nil,
      let deployment = objects.firstIndex(where: { $0.resource == .deployments })
    else { return }
    if let kept { objects[deployment].object["spec"]?["template"] = kept.template }
    let applied =
      kept
      ?? AppliedRendering(
        input: AppliedRendering.input(of: self, context), podPart: context.agentClass.podPart,
        template: objects[deployment].object["spec"]?["template"] ?? [:])
    objects[deployment].object["metadata"]?["annotations"]?[AppliedRendering.inputAnnotation] =
      .string(applied.input)
    guard applied.revision == names.revision else {
      // This version names the revision otherwise than the one whose template is kept: the pods read
      // that one's ConfigMaps, and none reads ours.
      objects.removeAll {
        $0.resource == .configMaps && $0.object.labels[Revision.label] == names.revision
      }
      return
    }
    for i in objects.indices
    where objects[i].resource == .configMaps && objects[i].object.name == names.configMap {
      objects[i].record = applied
    }
  }
}
