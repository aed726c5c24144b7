extension CELSignatures {
  static let operators = """
    !_(bool) -> bool
    -_(int) -> int
    -_(double) -> double
    _+_(int, int) -> int
    _+_(uint, uint) -> uint
    _+_(double, double) -> double
    _+_(string, string) -> string
    _+_(bytes, bytes) -> bytes
    _+_(list(A), list(A)) -> list(A)
    _+_(duration, duration) -> duration
    _+_(timestamp, duration) -> timestamp
    _+_(duration, timestamp) -> timestamp
    _-_(int, int) -> int
    _-_(uint, uint) -> uint
    _-_(double, double) -> double
    _-_(duration, duration) -> duration
    _-_(timestamp, timestamp) -> duration
    _-_(timestamp, duration) -> timestamp
    _*_(int, int) -> int
    _*_(uint, uint) -> uint
    _*_(double, double) -> double
    _/_(int, int) -> int
    _/_(uint, uint) -> uint
    _/_(double, double) -> double
    _%_(int, int) -> int
    _%_(uint, uint) -> uint
    _==_(A, A) -> bool
    _!=_(A, A) -> bool
    @in(A, list(A)) -> bool
    @in(A, map(A, B)) -> bool
    _[_](list(A), int) -> A
    _[_](map(A, B), A) -> B
    _[_](optional(list(A)), int) -> optional(A)
    _[_](optional(map(A, B)), A) -> optional(B)
    _[?_](list(A), int) -> optional(A)
    _[?_](map(A, B), A) -> optional(B)
    _[?_](optional(list(A)), int) -> optional(A)
    _[?_](optional(map(A, B)), A) -> optional(B)

    """

  static let conversions = """
    int(int) -> int
    int(uint) -> int
    int(double) -> int
    int(string) -> int
    int(timestamp) -> int
    int(duration) -> int
    uint(uint) -> uint
    uint(int) -> uint
    uint(double) -> uint
    uint(string) -> uint
    double(double) -> double
    double(int) -> double
    double(uint) -> double
    double(string) -> double
    string(string) -> string
    string(bool) -> string
    string(int) -> string
    string(uint) -> string
    string(double) -> string
    string(bytes) -> string
    string(timestamp) -> string
    string(duration) -> string
    string(ip) -> string
    string(cidr) -> string
    string(quantity) -> string
    bool(bool) -> bool
    bool(string) -> bool
    bytes(bytes) -> bytes
    bytes(string) -> bytes
    duration(duration) -> duration
    duration(int) -> duration
    duration(string) -> duration
    timestamp(timestamp) -> timestamp
    timestamp(int) -> timestamp
    timestamp(string) -> timestamp
    dyn(A) -> dyn
    type(A) -> type

    """

  static var times: String {
    let calendar = [
      "getFullYear", "getMonth", "getDayOfYear", "getDayOfMonth", "getDate", "getDayOfWeek",
    ]
    let clock = ["getHours", "getMinutes", "getSeconds", "getMilliseconds"]
    return (calendar + clock).map {
      "<timestamp>.\($0)() -> int\n<timestamp>.\($0)(string) -> int\n"
    }.joined() + clock.map { "<duration>.\($0)() -> int\n" }.joined()
  }

  static let strings = """
    size(string) -> int
    size(bytes) -> int
    size(list(A)) -> int
    size(map(A, B)) -> int
    <string>.size() -> int
    <bytes>.size() -> int
    <list(A)>.size() -> int
    <map(A, B)>.size() -> int
    <string>.contains(string) -> bool
    <string>.startsWith(string) -> bool
    <string>.endsWith(string) -> bool
    <string>.matches(string) -> bool
    matches(string, string) -> bool
    <string>.charAt(int) -> string
    <string>.indexOf(string) -> int
    <string>.indexOf(string, int) -> int
    <string>.lastIndexOf(string) -> int
    <string>.lastIndexOf(string, int) -> int
    <string>.lowerAscii() -> string
    <string>.upperAscii() -> string
    <string>.replace(string, string) -> string
    <string>.replace(string, string, int) -> string
    <string>.split(string) -> list(string)
    <string>.split(string, int) -> list(string)
    <list(string)>.join() -> string
    <list(string)>.join(string) -> string
    <string>.substring(int) -> string
    <string>.substring(int, int) -> string
    <string>.trim() -> string
    <string>.reverse() -> string
    <string>.format(list(dyn)) -> string
    strings.quote(string) -> string
    <string>.find(string) -> string
    <string>.findAll(string) -> list(string)
    <string>.findAll(string, int) -> list(string)
    base64.encode(bytes) -> string
    base64.decode(string) -> bytes

    """

  static let collections = """
    <list(A)>.isSorted() -> bool
    <list(A)>.sum() -> A
    <list(A)>.min() -> A
    <list(A)>.max() -> A
    <list(A)>.indexOf(A) -> int
    <list(A)>.lastIndexOf(A) -> int
    <list(A)>.distinct() -> list(A)
    <list(A)>.sort() -> list(A)
    <list(A)>.reverse() -> list(A)
    <list(A)>.slice(int, int) -> list(A)
    <list(list(A))>.flatten() -> list(A)
    lists.range(int) -> list(int)
    sets.contains(list(A), list(A)) -> bool
    sets.equivalent(list(A), list(A)) -> bool
    sets.intersects(list(A), list(A)) -> bool
    optional.of(A) -> optional(A)
    optional.none() -> optional(A)
    optional.ofNonZeroValue(A) -> optional(A)
    <optional(A)>.hasValue() -> bool
    <optional(A)>.value() -> A
    <optional(A)>.or(optional(A)) -> optional(A)
    <optional(A)>.orValue(A) -> A

    """

  static let libraries = """
    url(string) -> url
    isURL(string) -> bool
    <url>.getScheme() -> string
    <url>.getHost() -> string
    <url>.getHostname() -> string
    <url>.getPort() -> string
    <url>.getEscapedPath() -> string
    <url>.getQuery() -> map(string, list(string))
    ip(string) -> ip
    isIP(string) -> bool
    ip.isCanonical(string) -> bool
    <ip>.family() -> int
    <ip>.isUnspecified() -> bool
    <ip>.isLoopback() -> bool
    <ip>.isLinkLocalMulticast() -> bool
    <ip>.isLinkLocalUnicast() -> bool
    <ip>.isGlobalUnicast() -> bool
    cidr(string) -> cidr
    isCIDR(string) -> bool
    <cidr>.containsIP(string) -> bool
    <cidr>.containsIP(ip) -> bool
    <cidr>.containsCIDR(string) -> bool
    <cidr>.containsCIDR(cidr) -> bool
    <cidr>.ip() -> ip
    <cidr>.masked() -> cidr
    <cidr>.prefixLength() -> int
    quantity(string) -> quantity
    isQuantity(string) -> bool
    <quantity>.sign() -> int
    <quantity>.isInteger() -> bool
    <quantity>.asInteger() -> int
    <quantity>.asApproximateFloat() -> double
    <quantity>.add(quantity) -> quantity
    <quantity>.add(int) -> quantity
    <quantity>.sub(quantity) -> quantity
    <quantity>.sub(int) -> quantity
    <quantity>.compareTo(quantity) -> int
    <quantity>.isLessThan(quantity) -> bool
    <quantity>.isGreaterThan(quantity) -> bool
    semver(string) -> semver
    semver(string, bool) -> semver
    isSemver(string) -> bool
    isSemver(string, bool) -> bool
    <semver>.major() -> int
    <semver>.minor() -> int
    <semver>.patch() -> int
    <semver>.compareTo(semver) -> int
    <semver>.isLessThan(semver) -> bool
    <semver>.isGreaterThan(semver) -> bool
    format.named(string) -> optional(format)
    <format>.validate(string) -> optional(list(string))
    format.dns1123Label() -> format
    format.dns1123Subdomain() -> format
    format.dns1035Label() -> format
    format.qualifiedName() -> format
    format.dns1123LabelPrefix() -> format
    format.dns1123SubdomainPrefix() -> format
    format.dns1035LabelPrefix() -> format
    format.labelValue() -> format
    format.uri() -> format
    format.uuid() -> format
    format.byte() -> format
    format.date() -> format
    format.datetime() -> format

    """
}
