package memcubed

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The families of errors, for errors.Is. ErrPreconditionFailed is an ErrConflict too, and ErrUnavailable an ErrServer.
var (
	ErrInvalidRequest     = errors.New("memcubed: invalid request")
	ErrAuthentication     = errors.New("memcubed: no valid key")
	ErrPermissionDenied   = errors.New("memcubed: the key may not")
	ErrNotFound           = errors.New("memcubed: not found")
	ErrConflict           = errors.New("memcubed: conflict")
	ErrPreconditionFailed = errors.New("memcubed: somebody else wrote first")
	ErrRateLimit          = errors.New("memcubed: too many requests")
	ErrServer             = errors.New("memcubed: the service failed")
	ErrUnavailable        = errors.New("memcubed: not now")
	// ErrNoUser: neither the call nor the client names a user.
	ErrNoUser = errors.New("memcubed: no user: name one, or bind the client with User")
)

var familyOfCode = map[string]error{
	"unauthorized": ErrAuthentication, "forbidden": ErrPermissionDenied, "not_found": ErrNotFound,
	"conflict": ErrConflict, "precondition_failed": ErrPreconditionFailed,
	"too_many_requests": ErrRateLimit, "unavailable": ErrUnavailable,
}

var familyOfStatus = map[int]error{
	401: ErrAuthentication, 403: ErrPermissionDenied, 404: ErrNotFound, 409: ErrConflict,
	412: ErrPreconditionFailed, 429: ErrRateLimit, 503: ErrUnavailable,
}

// Error is an answer that is a problem. errors.As finds it, and errors.Is its family.
type Error struct {
	Status int
	// Code is for programs, as "not_found"; "unknown" where the answer is no problem, such as a proxy's.
	Code   string
	Title  string
	Detail string
	// Field or parameter that is to blame; "" if none is.
	Field  string
	Errors []ErrorField
	// RequestID finds the request in the service's log.
	RequestID string
	// RetryAfter is when the service wants to be asked again; negative if it does not say.
	RetryAfter time.Duration
}

// ErrorField is one of the faults of a request.
type ErrorField struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

func (e *Error) Error() string {
	text := fmt.Sprintf("memcubed: %d %s: %s", e.Status, e.Code, e.Detail)
	if e.RequestID != "" {
		text += " (request " + e.RequestID + ")"
	}
	return text
}

// Is says whether the error is of a family.
func (e *Error) Is(target error) bool {
	family := e.family()
	return target == family ||
		target == ErrConflict && family == ErrPreconditionFailed ||
		target == ErrServer && family == ErrUnavailable
}

func (e *Error) family() error {
	if family := familyOfCode[e.Code]; family != nil {
		return family
	}
	if family := familyOfStatus[e.Status]; family != nil {
		return family
	}
	if e.Status >= 500 {
		return ErrServer
	}
	return ErrInvalidRequest
}

// ConnectionError: no answer came, or not the whole of it.
type ConnectionError struct {
	// Unsent: nothing was sent, so that any call may come again.
	Unsent bool
	// Late: the call's time was over.
	Late bool
	Err  error
}

func (e *ConnectionError) Error() string {
	if e.Late {
		return "memcubed: no answer in time: " + e.Err.Error()
	}
	return "memcubed: " + e.Err.Error()
}

func (e *ConnectionError) Unwrap() error { return e.Err }

// Timeout says whether the call's time was over, as net.Error has it.
func (e *ConnectionError) Timeout() bool { return e.Late }

// JobFailedError: a job that was waited for has failed.
type JobFailedError struct{ Job *JobDetail }

func (e *JobFailedError) Error() string {
	reason := "no reason given"
	if e.Job.Error != nil {
		reason = *e.Job.Error
	}
	return fmt.Sprintf("memcubed: job %s is %s: %s", e.Job.ID, e.Job.Status, reason)
}

// WaitTimeoutError: a job has not ended in the time that was given to it. It goes on.
type WaitTimeoutError struct {
	JobID string
	After time.Duration
}

func (e *WaitTimeoutError) Error() string {
	return fmt.Sprintf("memcubed: job %s has not ended after %s", e.JobID, e.After)
}

// problemFields is a problem without the types that a newer service may have more values of.
type problemFields struct {
	Title     string       `json:"title"`
	Status    int          `json:"status"`
	Code      string       `json:"code"`
	Detail    string       `json:"detail"`
	Field     string       `json:"field"`
	Errors    []ErrorField `json:"errors"`
	RequestID string       `json:"request_id"`
}

func errorOf(status int, header http.Header, body []byte) *Error {
	var p problemFields
	if err := json.Unmarshal(body, &p); err != nil || p.Code == "" || p.Status == 0 {
		detail := strings.TrimSpace(string(body[:min(len(body), 200)]))
		if detail == "" {
			detail = http.StatusText(status)
		}
		p = problemFields{Title: http.StatusText(status), Code: "unknown", Detail: detail}
		p.RequestID = header.Get("X-Request-ID")
	}
	if status != 0 {
		p.Status = status
	}
	return &Error{
		Status: p.Status, Code: p.Code, Title: p.Title, Detail: p.Detail, Field: p.Field,
		Errors: p.Errors, RequestID: p.RequestID, RetryAfter: readRetryAfter(header.Get("Retry-After"), time.Now()),
	}
}

// readRetryAfter reads seconds or a date; negative if it is neither.
func readRetryAfter(text string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseFloat(text, 64); err == nil && seconds >= 0 && seconds < 1e9 {
		return time.Duration(seconds * float64(time.Second))
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, at.Sub(now))
	}
	return -1
}
