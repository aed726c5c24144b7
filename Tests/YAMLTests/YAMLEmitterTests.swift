import JSON
import Testing
import YAML

@Suite struct YAMLEmitterTests {
  @Test func writesTheStyleOfKubectl() {
    let value: JSONValue = [
      "apiVersion": "v1", "kind": "Pod",
      "metadata": [
        "name": "a", "labels": [:], "annotations": ["app.kubernetes.io/name": "x", "on": "yes"],
      ],
      "spec": [
        "containers": [
          [
            "name": "c", "args": ["--a=b", "-c", "1"],
            "ports": [["containerPort": 8080], ["containerPort": 9090]],
          ],
          ["name": "d", "command": []],
        ],
        "nested": [[1, 2], [[3]], []],
      ],
      "script": "#!/bin/sh\necho hi\n", "noEnd": "a\nb", "twoEnds": "a\n\n", "indented": "  a\nb\n",
      "ratio": 1.0, "large": 1e16, "small": 5e-324, "count": -3, "null": nil, "flag": true,
    ]
    #expect(
      YAML.emit(value) == """
        apiVersion: v1
        kind: Pod
        metadata:
          name: a
          labels: {}
          annotations:
            app.kubernetes.io/name: x
            "on": "yes"
        spec:
          containers:
          - name: c
            args:
            - --a=b
            - -c
            - "1"
            ports:
            - containerPort: 8080
            - containerPort: 9090
          - name: d
            command: []
          nested:
          - - 1
            - 2
          - - - 3
          - []
        script: |
          #!/bin/sh
          echo hi
        noEnd: |-
          a
          b
        twoEnds: |+
          a

        indented: |2
            a
          b
        ratio: 1.0
        large: 1.0e+16
        small: 5.0e-324
        count: -3
        "null": null
        flag: true

        """)
  }

  @Test func joinsDocuments() {
    #expect(YAML.emit(documents: [["a": 1], [:], "x", []]) == "a: 1\n---\n{}\n---\nx\n---\n[]\n")
    #expect(YAML.emit(documents: []) == "")
    let options = YAMLEmitOptions(sortsKeys: true)
    #expect(
      YAML.emit(["b": 1, "a": ["d": 1, "c": 2]], options: options) == "a:\n  c: 2\n  d: 1\nb: 1\n")
    #expect(YAML.emit([.double(.infinity), .double(.nan)]) == "- null\n- null\n")
  }

  @Test(arguments: [
    ("yes", "\"yes\""), ("012", "\"012\""), ("1:30", "\"1:30\""), ("1e3", "\"1e3\""),
    ("~", "\"~\""),
    ("2024-01-01", "\"2024-01-01\""), ("", "\"\""), ("1.5", "\"1.5\""), ("=", "\"=\""),
    ("<<", "\"<<\""),
    ("10.0.0.1", "10.0.0.1"), ("1.2.3", "1.2.3"), ("100m", "100m"), ("25%", "25%"),
    ("--flag=a", "--flag=a"),
    ("a: b", "'a: b'"), ("*.example.com", "'*.example.com'"),
    ("it's #1 - 'a' #b", "'it''s #1 - ''a'' #b'"),
    ("{\"a\": 1}", "'{\"a\": 1}'"), ("$(POD_NAME)", "$(POD_NAME)"), (" a", "' a'"),
    ("a\tb", "\"a\\tb\""),
    ("a\r\n", "\"a\\r\\n\""), ("a \nb", "\"a \\nb\""), ("\u{1b}", "\"\\u001B\""),
    ("\u{2028}", "\"\\u2028\""),
    ("\u{feff}", "\"\\uFEFF\""), ("日本", "日本"), ("---", "'---'"), ("-", "'-'"), ("?x", "'?x'"),
    ("a:", "'a:'"),
    ("http://a/b#c", "http://a/b#c"), ("a # b", "'a # b'"), ("key,value[0]", "key,value[0]"),
  ])
  func quotesWhatNeedsQuotes(text: String, written: String) {
    #expect(YAML.emit(.string(text)) == written + "\n")
    #expect(YAML.emit(.object([text: 1])) == written + ": 1\n")
  }
}
