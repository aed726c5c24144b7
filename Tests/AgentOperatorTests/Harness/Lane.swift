import Foundation
import Testing

/// Where the scenarios run.
enum Lane: String, Sendable, CaseIterable, CustomTestStringConvertible {
  /// In memory, with virtual time and simulated controllers.
  case embedded
  /// etcd and kube-apiserver from KUBEBUILDER_ASSETS, without controllers.
  case real

  static let assets = ProcessInfo.processInfo.environment["KUBEBUILDER_ASSETS"]
  static let all: [Lane] = assets == nil ? [.embedded] : [.embedded, .real]

  var testDescription: String { rawValue }
}
