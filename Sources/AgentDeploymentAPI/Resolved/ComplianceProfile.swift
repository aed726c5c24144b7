/// Rules that agents may be held against; see the command `report`.
public enum ComplianceProfile: String, Sendable, Hashable, CaseIterable {
  case gdpr = "GDPR"
  case hipaa = "HIPAA"
  case sox = "SOX"
  case pciDSS = "PCIDSS"
}
