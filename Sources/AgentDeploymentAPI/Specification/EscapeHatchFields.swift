import JSON

/// `spec.podTemplate` and `spec.overrides`: for what the API does not describe.
enum EscapeHatchFields {
  static let podTemplate: FieldSchema = .object(
    "Merged into the rendered pod template as kubectl's strategic merge patch would be; the "
      + "agent's container is named agent.",
    [
      .optional(
        "metadata",
        .object(
          "Of the pods.",
          [
            .optional(
              "labels",
              .map(
                "Further labels.", of: .string("The value.", length: 0...63), max: 50,
                rules: [
                  FieldRule(
                    "!self.exists(k, k.startsWith('agentdeploy.dev/') || k in ["
                      + ProtectedPaths.labels.map { "'\($0)'" }.joined(separator: ", ") + "])",
                    "selectors and the mesh rely on the operator's own labels: remove "
                      + "agentdeploy.dev/*, app.kubernetes.io/{name,instance,managed-by} and "
                      + "service.istio.io/canonical-*", reason: .forbidden
                  ) { labels in !(labels.object ?? [:]).keys.contains(where: ProtectedPaths.isLabel)
                  }
                ])),
            .optional(
              "annotations",
              .map("Further annotations.", of: .string("The value.", length: 0...65536), max: 50)),
          ])),
      .optional("spec", .freeForm("A PodSpec, in part.")),
    ])

  static let overrides: FieldSchema = .list(
    "The last word on generated objects.",
    of: .object(
      "One merge patch (RFC 7386).",
      [
        .required(
          "kind",
          .enumeration("Kind of the objects to change.", values: ProtectedPaths.kinds)),
        .optional("name", .objectName("Only the object of this name. Default: all of the kind.")),
        .required(
          "patch",
          .freeForm(
            "What to change; null removes. Names, selectors, owner references and the operator's "
              + "own labels are protected.")),
      ]),
    max: 20)
}
