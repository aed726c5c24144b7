public import AgentDeploymentAPI

/// A requirement of a profile, and the check that has something to say about it.
public struct ComplianceControl: Sendable {
  /// As the source numbers it.
  public var id: String
  public var title: String
  let check: ComplianceCheck

  init(_ id: String, _ title: String, _ check: ComplianceCheck) {
    self.id = id
    self.title = title
    self.check = check
  }

  public func answer(_ evidence: ComplianceEvidence) -> ComplianceAnswer { check.answer(evidence) }
}

extension ComplianceProfile {
  public var title: String {
    switch self {
    case .gdpr: "Regulation (EU) 2016/679"
    case .hipaa: "45 CFR Part 164, Subpart C"
    case .sox: "Sarbanes-Oxley Act, sections 404 and 802, by general IT controls"
    case .pciDSS: "PCI DSS 4.0"
    }
  }

  /// What of the source has to do with running software; in the source's order. The rest is for
  /// people.
  public var controls: [ComplianceControl] {
    switch self {
    case .gdpr: Self.gdprControls
    case .hipaa: Self.hipaaControls
    case .sox: Self.soxControls
    case .pciDSS: Self.pciControls
    }
  }

  /// https://eur-lex.europa.eu/eli/reg/2016/679/oj
  private static let gdprControls = [
    ComplianceControl("Art. 5(1)(e)", "storage limitation", .logRetention),
    ComplianceControl("Art. 17", "erasure", .erasure),
    ComplianceControl("Art. 25(2)", "by default: access by named callers", .callers),
    ComplianceControl("Art. 25(2)", "by default: least privilege", .leastPrivilege),
    ComplianceControl("Art. 30", "records of processing", .auditLog),
    ComplianceControl("Art. 32(1)(a)", "encryption in transit", .transmission),
    ComplianceControl("Art. 32(1)(a)", "encryption at rest", .encryptionAtRest),
    ComplianceControl("Art. 32(1)(b)", "confidentiality: confined processes", .hardening),
    ComplianceControl("Art. 32(1)(b)", "confidentiality: credentials", .credentialRotation),
    ComplianceControl("Art. 32(1)(b)", "integrity: known configuration", .versionedConfiguration),
    ComplianceControl("Art. 32(1)(b)", "availability and resilience", .resilience),
    ComplianceControl("Art. 32(1)(c)", "restoring access to data", .backup),
    ComplianceControl("Art. 32(1)(d)", "testing the measures", .testing),
    ComplianceControl("Art. 32(4)", "persons act on instructions", .humanAccess),
    ComplianceControl("Art. 33", "noticing a breach", .alerts),
    ComplianceControl("Art. 44", "transfers to third countries", .outbound),
  ]

  /// https://www.ecfr.gov/current/title-45/subtitle-A/subchapter-C/part-164/subpart-C
  private static let hipaaControls = [
    ComplianceControl("164.308(a)(1)(ii)(D)", "information system activity review", .alerts),
    ComplianceControl("164.308(a)(4)", "information access management", .humanAccess),
    ComplianceControl("164.308(a)(5)(ii)(B)", "protection from malicious software", .hardening),
    ComplianceControl("164.308(a)(5)(ii)(D)", "password management", .credentialRotation),
    ComplianceControl("164.308(a)(6)", "security incident procedures", .incidentProcess),
    ComplianceControl("164.308(a)(7)(ii)(A)", "data backup", .backup),
    ComplianceControl("164.308(a)(7)(ii)(C)", "emergency mode operation", .resilience),
    ComplianceControl("164.312(a)(1)", "access control: callers", .callers),
    ComplianceControl("164.312(a)(1)", "access control: least privilege", .leastPrivilege),
    ComplianceControl("164.312(a)(2)(iv)", "encryption at rest", .encryptionAtRest),
    ComplianceControl("164.312(b)", "audit controls", .auditLog),
    ComplianceControl("164.312(c)(1)", "integrity: what runs is known", .pinnedImage),
    ComplianceControl("164.312(c)(1)", "integrity: changes are put back", .driftCorrection),
    ComplianceControl("164.312(d)", "person or entity authentication", .callerAuthentication),
    ComplianceControl("164.312(e)(1)", "transmission security: network", .inbound),
    ComplianceControl("164.312(e)(2)(ii)", "encryption in transit", .transmission),
    ComplianceControl("164.316(b)(2)(i)", "documentation kept for six years", .logRetention),
  ]

  /// The act names no techniques; these are the general IT controls that audits of internal control
  /// over financial reporting look at (PCAOB AS 2201).
  private static let soxControls = [
    ComplianceControl("404 change", "what runs is known", .pinnedImage),
    ComplianceControl("404 change", "configuration is versioned", .versionedConfiguration),
    ComplianceControl("404 change", "changes past the process are put back", .driftCorrection),
    ComplianceControl("404 change", "development and approval are apart", .separationOfDuties),
    ComplianceControl("404 access", "callers are named", .callers),
    ComplianceControl("404 access", "callers are authenticated", .callerAuthentication),
    ComplianceControl("404 access", "least privilege", .leastPrivilege),
    ComplianceControl("404 access", "credentials are replaced", .credentialRotation),
    ComplianceControl("404 access", "people's access", .humanAccess),
    ComplianceControl("404 operations", "monitoring", .alerts),
    ComplianceControl("404 operations", "availability", .resilience),
    ComplianceControl("404 operations", "backup", .backup),
    ComplianceControl("404 operations", "audit trail", .auditLog),
    ComplianceControl("802", "records kept for seven years", .logRetention),
  ]

  /// https://www.pcisecuritystandards.org/document_library/
  private static let pciControls = [
    ComplianceControl("1.3.1", "inbound traffic is restricted", .inbound),
    ComplianceControl("1.3.2", "outbound traffic is restricted", .outbound),
    ComplianceControl("2.2.1", "configuration standards", .hardening),
    ComplianceControl("2.2.6", "security parameters prevent misuse", .driftCorrection),
    ComplianceControl("3.2.1", "account data is kept to a minimum", .storedData),
    ComplianceControl("3.5.1", "stored account data is unreadable", .encryptionAtRest),
    ComplianceControl("4.2.1", "strong cryptography in transit", .transmission),
    ComplianceControl("6.3.1", "vulnerabilities are identified", .vulnerabilities),
    ComplianceControl("6.3.2", "an inventory of software: what runs is known", .pinnedImage),
    ComplianceControl("6.5.1", "changes are controlled", .versionedConfiguration),
    ComplianceControl("7.2.1", "access by need: people", .humanAccess),
    ComplianceControl("7.2.5", "least privilege of system accounts", .leastPrivilege),
    ComplianceControl("7.3.1", "access control denies by default", .callers),
    ComplianceControl("8.3.1", "strong authentication", .callerAuthentication),
    ComplianceControl("8.6.3", "credentials of system accounts are changed", .credentialRotation),
    ComplianceControl("10.2.1", "audit logs", .auditLog),
    ComplianceControl("10.4.1.1", "logs are reviewed by machine", .alerts),
    ComplianceControl("10.5.1", "logs are kept for twelve months", .logRetention),
    ComplianceControl("11.3.1", "scans for vulnerabilities", .vulnerabilities),
    ComplianceControl("12.10.1", "an incident response plan", .incidentProcess),
  ]
}
