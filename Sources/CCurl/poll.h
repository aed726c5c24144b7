// The kernel's side of an event loop around libcurl: epoll(7) and eventfd(2), which Swift's Glibc
// module leaves out, and libcurl's callbacks that tell what to wait for.
#ifndef CCURL_POLL_H
#define CCURL_POLL_H

#include <curl/curl.h>
#include <errno.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

typedef struct epoll_event ccurl_event;

/// -1 on failure, as the next one.
static inline int ccurl_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

static inline int ccurl_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

/// Adds the descriptor or changes what is waited for, whatever epoll knew of it. 0, or an errno.
static inline int ccurl_epoll_set(int epoll, int descriptor, uint32_t events, uint64_t data) {
  struct epoll_event event = {.events = events, .data = {.u64 = data}};
  if (epoll_ctl(epoll, EPOLL_CTL_MOD, descriptor, &event) == 0) return 0;
  if (errno != ENOENT) return errno;
  return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0 ? 0 : errno;
}

static inline void ccurl_epoll_remove(int epoll, int descriptor) {
  struct epoll_event event = {0};
  epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, &event);
}

static inline int ccurl_epoll_wait(int epoll, ccurl_event *events, int count, int milliseconds) {
  return epoll_wait(epoll, events, count, milliseconds);
}

static inline uint32_t ccurl_event_mask(const ccurl_event *event) { return event->events; }
static inline uint64_t ccurl_event_data(const ccurl_event *event) { return event->data.u64; }

static inline CURLMcode ccurl_multi_set_socket_callback(
    CURLM *multi, curl_socket_callback callback, void *context) {
  CURLMcode code = curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, callback);
  return code != CURLM_OK ? code : curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, context);
}

static inline CURLMcode ccurl_multi_set_timer_callback(
    CURLM *multi, curl_multi_timer_callback callback, void *context) {
  CURLMcode code = curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, callback);
  return code != CURLM_OK ? code : curl_multi_setopt(multi, CURLMOPT_TIMERDATA, context);
}

/// Told about each socket that libcurl makes for a connection, before it connects.
static inline CURLcode ccurl_set_opened_callback(
    CURL *easy, curl_sockopt_callback callback, void *context) {
  CURLcode code = curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, callback);
  return code != CURLE_OK ? code : curl_easy_setopt(easy, CURLOPT_SOCKOPTDATA, context);
}

/// Called to close such a socket.
static inline CURLcode ccurl_set_closing_callback(
    CURL *easy, curl_closesocket_callback callback, void *context) {
  CURLcode code = curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, callback);
  return code != CURLE_OK ? code : curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, context);
}

/// Runs all transfers, which libcurl advises against, and updates what is waited for.
static inline CURLMcode ccurl_multi_run_all(CURLM *multi) {
  int running = 0;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  return curl_multi_socket_all(multi, &running);
#pragma GCC diagnostic pop
}

#endif
