import AgentDeploymentAPI
import KubernetesAPI

/// Credentials that are older than the spec wants.
public struct SecretAlerts {
  let series: AgentSeries
  let secrets: [SecretSource]

  /// Of the operator itself, which knows when contents changed.
  public static let changedMetric = "agent_operator_secret_changed_timestamp_seconds"

  var rules: [AlertRule] {
    secrets.compactMap { secret in
      secret.maxAge.map { rotationDue(secret.name, $0) }
    }
  }

  private func rotationDue(_ name: String, _ maxAge: KubernetesDuration) -> AlertRule {
    let labels =
      "agent_namespace=\"\(series.namespace)\",agent=\"\(series.agent)\",secret=\"\(name)\""
    return AlertRule(
      name: "AgentSecretRotationDue", severity: .warning,
      expression: """
        time() - max(\(raw: Self.changedMetric){\(raw: labels)}) > \(raw: maxAge.promSeconds)
        """,
      duration: nil, labels: ["secret": name],
      summary: "a credential of \(series.agent) is too old",
      description: """
        The credential \(name) of agent \(series.namespace)/\(series.agent) has not changed for \
        longer than spec.secrets says ({{ $value | humanizeDuration }}). Put a new value into its \
        Secret; kubectl get agd \(series.agent) -n \(series.namespace) -o jsonpath={.status.secrets} \
        tells which that is.
        """)
  }
}
