import JSON
import KubernetesAPI
import KubernetesClient
import ManifestRendering
import Synchronization

/// The content of the ConfigMaps that revisions copy. Read once per version: the watch brings only
/// metadata, so that a cluster's other ConfigMaps cost nothing.
final class ConfigMapCache: Sendable {
  private struct Entry {
    var uid: String
    var resourceVersion: String
    var content: RenderingContext.ConfigMapContent
  }

  private let client: KubernetesClient
  private let entries = Mutex<[ObjectKey: Entry]>([:])

  init(client: KubernetesClient) { self.client = client }

  /// - Parameter metadata: as the watch knows it.
  /// - Returns: nil when it is gone meanwhile; its event will follow.
  func content(of metadata: KubernetesObject) async throws -> RenderingContext.ConfigMapContent? {
    let key = metadata.key
    let known = entries.withLock { $0[key] }
    if let known, known.uid == metadata.uid, known.resourceVersion == metadata.resourceVersion {
      return known.content
    }
    do {
      let object = try await client.get(.configMaps, key)
      let content = RenderingContext.ConfigMapContent(
        data: object["data"]?.object ?? [:], binaryData: object["binaryData"]?.object ?? [:])
      entries.withLock {
        $0[key] = Entry(
          uid: object.uid ?? "", resourceVersion: object.resourceVersion ?? "", content: content)
      }
      return content
    } catch let status as APIStatus where status.isNotFound {
      return nil
    }
  }

  func forget(_ key: ObjectKey) { entries.withLock { $0[key] = nil } }
}
