import HTTPServer
import Testing

@Suite struct HTTPRouterTests {
  private func status(_ method: String, _ target: String) async -> Int {
    var router = HTTPRouter()
    router.get("/healthz") { _ in .text("ok") }
    router.on("POST", "/reload/") { _ in .text("done", status: 202) }
    return await router.answer(HTTPServerRequest(method: method, target: target)).status
  }

  @Test func pathsAndMethods() async {
    #expect(await status("GET", "/healthz") == 200)
    #expect(await status("GET", "/healthz/?verbose") == 200)
    #expect(await status("HEAD", "/healthz") == 200)
    #expect(await status("POST", "/reload") == 202)
    #expect(await status("HEAD", "/reload") == 405)
    #expect(await status("DELETE", "/healthz") == 405)
    #expect(await status("GET", "/") == 404)
    #expect(await status("GET", "/healthz/x") == 404)
  }

  @Test func allowedMethodsAreNamed() async {
    var router = HTTPRouter()
    router.get("/a") { _ in .text("") }
    router.on("POST", "/a") { _ in .text("") }
    let response = await router.answer(HTTPServerRequest(method: "PUT", target: "/a"))
    #expect(response.headers.contains { $0 == ("allow", "GET, POST") })
  }
}
