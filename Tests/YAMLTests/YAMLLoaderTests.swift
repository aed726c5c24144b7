import Foundation
import JSON
import Testing

@testable import YAML

@Suite struct YAMLLoaderTests {
  /// Runs `body` with a new folder that holds the files.
  private func withFolder(_ files: [String: String], _ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "yaml-loader-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (name, text) in files {
      let url = folder.appendingPathComponent(name)
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: url)
    }
    try body(folder.path)
  }

  @Test func commentsAreKeptWhereTheyAreWanted() throws {
    try withFolder(["a.yaml": "a: 1 # x\n", "b.json": "{}"]) { folder in
      #expect(YAML.loadDocuments(paths: [folder]).comments.isEmpty)
      let kept = YAML.loadDocuments(paths: [folder], keepingComments: true).comments
      #expect(kept.map(\.text) == ["x"] && kept.first?.file == "\(folder)/a.yaml")
    }
  }

  @Test func readsFilesAndFoldersInOrder() throws {
    let files = [
      "b.yaml": "v: b", "a.yml": "v: a1\n---\nv: a2", "c.json": "{\"v\": \"c\"}",
      "notes.txt": "v: [", ".hidden.yaml": "v: [",
      "sub/d.yaml": "v: d", "sub/deeper/e.yaml": "v: e",
    ]
    try withFolder(files) { folder in
      let flat = YAML.loadDocuments(paths: [folder])
      #expect(flat.errors.isEmpty)
      #expect(flat.documents.map(\.value["v"]) == ["a1", "a2", "b", "c"])
      #expect(
        flat.documents.map(\.file)
          == ["a.yml", "a.yml", "b.yaml", "c.json"].map { "\(folder)/\($0)" })
      let all = YAML.loadDocuments(paths: [folder + "/"], recursive: true)
      #expect(all.documents.map(\.value["v"]) == ["a1", "a2", "b", "c", "d", "e"])
      let chosen = YAML.loadDocuments(paths: [folder + "/c.json", folder + "/b.yaml"])
      #expect(chosen.documents.map(\.value["v"]) == ["c", "b"])
    }
  }

  @Test func reportsWhatCannotBeReadAndReadsTheRest() throws {
    try withFolder(["a.yaml": "v: 1", "bad.yaml": "v: [", "empty/x.txt": ""]) { folder in
      let result = YAML.loadDocuments(paths: [
        folder + "/none.yaml", folder + "/bad.yaml", folder + "/empty", folder + "/a.yaml/b",
        folder + "/a.yaml",
      ])
      #expect(result.documents.map(\.value) == [["v": 1]])
      #expect(result.errors.count == 4)
      let texts = result.errors.map(\.description)
      #expect(texts[0] == "\(folder)/none.yaml: cannot be opened: No such file or directory")
      #expect(texts[1].hasPrefix("\(folder)/bad.yaml:2:1: v"))
      #expect(texts[2].hasPrefix("\(folder)/empty: the folder holds no .yaml, .yml or .json files"))
      #expect(texts[3] == "\(folder)/a.yaml/b: cannot be opened: Not a directory")
    }
  }

  @Test func linksInACircleEnd() throws {
    try withFolder(["a/x.yaml": "v: 1"]) { folder in
      try FileManager.default.createSymbolicLink(
        atPath: folder + "/a/loop", withDestinationPath: folder)
      try FileManager.default.createSymbolicLink(
        atPath: folder + "/a/self.yaml", withDestinationPath: "self.yaml")
      let result = YAML.loadDocuments(paths: [folder], recursive: true)
      #expect(result.documents.count == 1)
      #expect(result.errors.count == 1)
      #expect(result.errors.first?.message.hasPrefix("cannot be opened: ") == true)
    }
  }

  @Test func tooLargeFilesAreNotReadWhole() throws {
    try withFolder(["a.yaml": String(repeating: "#", count: 5000)]) { folder in
      let result = YAML.loadDocuments(paths: [folder], limits: YAMLLimits(maximumBytes: 1000))
      #expect(result.errors.map(\.message) == ["has more than 1000 bytes, the limit"])
    }
    let endless = YAML.loadDocuments(
      paths: ["/dev/zero"], limits: YAMLLimits(maximumBytes: 1 << 20))
    #expect(endless.errors.map(\.message) == ["has more than 1 MiB, the limit"])
  }

  @Test func readsStreams() throws {
    let pipe = Pipe()
    pipe.fileHandleForWriting.write(Data("a: 1\n---\nb: yes\n".utf8))
    try pipe.fileHandleForWriting.close()
    var result = YAMLParseResult()
    YAML.load(
      descriptor: pipe.fileHandleForReading.fileDescriptor, name: "<stdin>", YAMLLimits(),
      into: &result)
    #expect(result.documents.count == 2)
    #expect(
      result.errors.first?.description.hasPrefix("<stdin>:3:4: b: yes without quotes") == true)
    var closed = YAMLParseResult()
    YAML.load(descriptor: -1, name: "<stdin>", YAMLLimits(), into: &closed)
    #expect(closed.errors.map(\.description) == ["<stdin>: cannot be read: Bad file descriptor"])
  }
}
