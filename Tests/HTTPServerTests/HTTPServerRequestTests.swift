import HTTPServer
import Testing

@Suite struct HTTPServerRequestTests {
  @Test func targets() {
    let request = HTTPServerRequest(
      target: "/api/a%2Fb/c%20d?watch&labelSelector=a%3Db%2Cc+d&limit=5&limit=6&=x#frag")
    #expect(request.rawPath == "/api/a%2Fb/c%20d")
    #expect(request.path == "/api/a/b/c d")
    #expect(request.pathSegments == ["api", "a/b", "c d"])
    #expect(request.query("watch") == "")
    #expect(request.query("labelSelector") == "a=b,c d")
    #expect(request.query("limit") == "5")
    #expect(request.query("Limit") == nil)
    #expect(request.query.count == 5)
  }

  @Test(arguments: [
    ("http://host:80/a?b=c", "/a", 1), ("http://host?b=c", "", 1), ("http://host", "/", 0),
    ("*", "*", 0), ("/", "/", 0), ("//a", "//a", 0), ("/a?", "/a", 0),
    ("/redirect?to=http://x/y", "/redirect", 1), ("/%zz%4", "/%zz%4", 0), ("/%41%", "/A%", 0),
  ])
  func oddTargets(target: String, path: String, parameters: Int) {
    let request = HTTPServerRequest(target: target)
    #expect(request.path == path)
    #expect(request.query.count == parameters)
  }

  @Test func headersIgnoreCase() {
    let headers = HTTPServerHeaders([("Accept", "a"), ("ACCEPT", "b"), ("X", "y")])
    #expect(headers["accept"] == "a")
    #expect(headers.values("accept") == ["a", "b"])
    #expect(headers["accept-encoding"] == nil)
  }
}
