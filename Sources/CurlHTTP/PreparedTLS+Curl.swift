import CCurl

extension PreparedTLS {
  /// Has a libcurl handle trust and be what this says.
  func configure(_ handle: UnsafeMutableRawPointer) {
    func set(_ option: CURLoption, _ value: [UInt8]) {
      value.withUnsafeBytes { _ = ccurl_set_blob(handle, option, $0.baseAddress, $0.count) }
    }
    ccurl_set_long(handle, CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
    if let ca {
      set(CURLOPT_CAINFO_BLOB, ca)
      // Debian builds in a directory of certificates, which would stay trusted beside ours.
      ccurl_set_string(handle, CURLOPT_CAPATH, nil)
    }
    if let certificate, let key {
      set(CURLOPT_SSLCERT_BLOB, certificate)
      set(CURLOPT_SSLKEY_BLOB, key)
    }
    if insecureSkipVerify {
      ccurl_set_long(handle, CURLOPT_SSL_VERIFYPEER, 0)
      ccurl_set_long(handle, CURLOPT_SSL_VERIFYHOST, 0)
    }
  }
}
