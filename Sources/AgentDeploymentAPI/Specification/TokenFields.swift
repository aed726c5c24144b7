import JSON

/// `spec.security.jwt`.
enum TokenFields {
  static let issuers: FieldSchema = .list(
    "Whose tokens (RFC 7519) callers have to bring: without a valid one of these issuers a request "
      + "is refused, on extraPorts also what is no HTTP. The agent gets the token too. Needs "
      + "Istio's sidecars. Default: none is asked for.",
    of: .object(
      "An issuer of tokens.",
      [
        .required(
          "issuer",
          .string(
            "The tokens' claim iss.", length: 1...512,
            matching: Pattern("^[!-)+-~]+$", "printable characters without spaces and '*'"))),
        .optional(
          "jwksUri",
          .string(
            "Where the issuer's keys are. Default: found by OpenID discovery.", length: 9...512,
            matching: Pattern(
              "^https://[A-Za-z0-9]([-.A-Za-z0-9]*[A-Za-z0-9])?(:\(Pattern.port))?(/[!-~]*)?$",
              "a URL such as https://login.example.com/keys"))),
        .optional(
          "audiences",
          .list(
            "Of which a token's claim aud has to hold one. Default: any.",
            of: .string("An audience.", length: 1...256), .set, max: 20)),
        .optional(
          "requiredClaims",
          .list(
            "Claims that a token has to have, all of them.",
            of: .object(
              "A claim.",
              [
                .required(
                  "name",
                  .string(
                    "The claim, for example scope.", length: 1...128,
                    matching: Pattern(
                      "^[-_./:A-Za-z0-9]+$", "letters, digits, '-', '_', '.', '/' and ':'"))),
                .required(
                  "values",
                  .list(
                    "Of which it has to hold one.",
                    of: .string(
                      "A value, compared as it is.", length: 1...256,
                      matching: Pattern(
                        "^[!-)+-~]+$", "printable characters without spaces and '*'")
                    ), .set, max: 20,
                    rules: [
                      FieldRule("size(self) > 0", "name a value") { $0.array?.isEmpty == false }
                    ])),
              ]), .map(keys: ["name"]), max: 10)),
      ]), .map(keys: ["issuer"]), max: 10)
}
