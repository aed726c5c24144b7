import AgentDeploymentAPI
import JSON
import KubernetesAPI

/// `overrides[]`: the last word on any generated object.
enum Overrides {
  static func apply(_ overrides: [Override], to object: inout KubernetesObject) {
    for override in overrides
    where override.isFor(object.kind, object.name) {
      object.json.applyMergePatch(override.patch)
    }
    if object["metadata"]?["annotations"] == nil { object["metadata"]?["annotations"] = [:] }
  }
}
