/// Tells on a Deployment whether its replicas were rendered, so that a later hand-over to an
/// autoscaler knows that it has to keep the number.
public enum ScalingAnnotation {
  public static let name = "agentdeploy.dev/replicas"
  public static let fixed = "Fixed"
  public static let autoscaled = "Autoscaled"
}
