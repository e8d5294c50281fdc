package memcubed

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"
)

const (
	firstBackoff   = 250 * time.Millisecond
	longestBackoff = 8 * time.Second
	longestProblem = 100_000
)

var errLate = errors.New("the time is over")

// API is every route of the service as a method: what Client stands on.
type API struct {
	base         string
	key          string
	timeout      time.Duration
	maxRetries   int
	maxRetryWait time.Duration
	http         *http.Client
}

// CallOption changes one call.
type CallOption func(*callOptions)

type callOptions struct {
	timeout        time.Duration
	maxRetries     int
	header         http.Header
	query          url.Values
	stream         io.Reader
	isStream       bool
	isUnrepeatable bool
	isRepeatable   bool
	isGoneDone     bool
}

// Timeout is how long an attempt may take; of a stream: until its head, and between two pieces.
func Timeout(timeout time.Duration) CallOption {
	return func(o *callOptions) { o.timeout = timeout }
}

// MaxRetries is how many more attempts are made where another one does no harm.
func MaxRetries(n int) CallOption {
	return func(o *callOptions) { o.maxRetries = n }
}

// IdempotencyKey makes a write safe to repeat, also by a later call. Add and AddMemory make one themselves.
func IdempotencyKey(key string) CallOption { return header("Idempotency-Key", key) }

// IfMatch is the version that a write must follow; 0 = there is none yet.
func IfMatch(version int) CallOption {
	return func(o *callOptions) {
		o.header.Set("If-Match", strconv.Itoa(version))
		o.isUnrepeatable = true
	}
}

func header(name, value string) CallOption {
	return func(o *callOptions) { o.header.Set(name, value) }
}

// goneDone: after an attempt whose answer was lost, a 404 says that it was done.
func goneDone(o *callOptions) { o.isGoneDone = true }

type call struct {
	method string
	path   string
	values []string
	query  any
	body   any
}

// send makes a call and reads its JSON.
func send[T any](ctx context.Context, a *API, c call, options []CallOption) (*T, error) {
	answer := new(T)
	err := a.do(ctx, c, options, func(response *http.Response) error {
		if response.StatusCode == http.StatusNoContent {
			_, err := io.Copy(io.Discard, response.Body)
			return err
		}
		return json.NewDecoder(response.Body).Decode(answer)
	})
	if err != nil {
		return nil, err
	}
	return answer, nil
}

// do makes attempts until one is read or no other may follow.
func (a *API) do(ctx context.Context, c call, options []CallOption, read func(*http.Response) error) error {
	o, target, body, err := a.prepare(c, options)
	if err != nil {
		return err
	}
	isLost := false
	for attempt := 0; ; attempt++ {
		err := a.once(ctx, c.method, target, body, o, read)
		if err == nil || isLost && o.isGoneDone && errors.Is(err, ErrNotFound) {
			return nil
		}
		var broken *ConnectionError
		isLost = isLost || errors.As(err, &broken) && !broken.Unsent
		pause, may := a.pauseBeforeRetry(err, isRepeatable(c, o), attempt)
		if !may || attempt >= o.maxRetries || pause > a.maxRetryWait || o.stream != nil {
			return err
		}
		if err := sleep(ctx, pause); err != nil {
			return err
		}
	}
}

func (a *API) prepare(c call, options []CallOption) (*callOptions, string, []byte, error) {
	o := &callOptions{timeout: a.timeout, maxRetries: a.maxRetries, header: http.Header{}, query: encodeQuery(c.query)}
	for _, option := range options {
		option(o)
	}
	path, err := fillPath(c.path, c.values)
	if err != nil {
		return nil, "", nil, err
	}
	target := a.base + path
	if len(o.query) > 0 {
		target += "?" + o.query.Encode()
	}
	var body []byte
	if c.body != nil && !isNilPointer(c.body) {
		if body, err = json.Marshal(c.body); err != nil {
			return nil, "", nil, fmt.Errorf("memcubed: %w", err)
		}
		o.header.Set("Content-Type", "application/json")
	}
	return o, target, body, nil
}

func (a *API) once(
	ctx context.Context, method, target string, body []byte, o *callOptions, read func(*http.Response) error,
) error {
	limited, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	timer := time.AfterFunc(o.timeout, func() { cancel(errLate) })
	defer timer.Stop()
	response, err := a.roundTrip(limited, method, target, body, o)
	if err == nil {
		defer response.Body.Close()
		if o.isStream {
			response.Body = &touching{response.Body, func() { timer.Reset(o.timeout) }}
		}
		err = read(response)
	}
	return explain(ctx, limited, err)
}

// touching gives a body of unknown length its time anew with each piece.
type touching struct {
	io.ReadCloser
	touch func()
}

func (t *touching) Read(buffer []byte) (int, error) {
	n, err := t.ReadCloser.Read(buffer)
	t.touch()
	return n, err
}

// roundTrip gives a response that is 2xx, or an error.
func (a *API) roundTrip(
	ctx context.Context, method, target string, body []byte, o *callOptions,
) (*http.Response, error) {
	var content io.Reader = o.stream
	if content == nil && body != nil {
		content = bytes.NewReader(body)
	}
	request, err := http.NewRequestWithContext(ctx, method, target, content)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "memcubed-go/"+Version)
	for name, values := range o.header {
		request.Header[name] = values
	}
	request.Header.Set("Authorization", "Bearer "+a.key)
	response, err := a.http.Do(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode/100 == 2 {
		return response, nil
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, longestProblem))
	if err != nil {
		return nil, err
	}
	return nil, errorOf(response.StatusCode, response.Header, text)
}

// explain makes of an error what the caller should see.
func explain(ctx, limited context.Context, err error) error {
	var problem *Error
	var known *ConnectionError
	if err == nil || err == errStopped || errors.As(err, &problem) || errors.As(err, &known) {
		return err
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	var unknown *json.UnmarshalTypeError
	if errors.As(err, &unknown) {
		return fmt.Errorf("memcubed: the answer is of another form: %w", err)
	}
	broken := &ConnectionError{Err: err, Late: context.Cause(limited) == errLate}
	var operation *net.OpError
	if errors.As(err, &operation) && operation.Op == "dial" {
		broken.Unsent = true
	}
	return broken
}

func isRepeatable(c call, o *callOptions) bool {
	if o.isUnrepeatable {
		return false
	}
	switch c.method {
	case http.MethodGet, http.MethodPut, http.MethodDelete:
		return true
	}
	switch c.path {
	case "/v1/search", "/v1/search/batch", "/v1/context":
		return true
	}
	return o.isRepeatable || o.header.Get("Idempotency-Key") != ""
}

// pauseBeforeRetry says how long to wait before the next attempt, and whether there may be one.
func (a *API) pauseBeforeRetry(err error, isRepeatable bool, attempt int) (time.Duration, bool) {
	backoff := min(longestBackoff, firstBackoff<<min(attempt, 10))
	pause := time.Duration(float64(backoff) * (0.5 + rand.Float64()/2))
	var problem *Error
	if errors.As(err, &problem) {
		// These say that nothing was done, so that any call may come again.
		isRefused := problem.Status == http.StatusTooManyRequests || problem.Status == http.StatusServiceUnavailable
		if problem.RetryAfter >= 0 {
			pause = problem.RetryAfter
		}
		return pause, isRefused
	}
	var broken *ConnectionError
	return pause, errors.As(err, &broken) && (isRepeatable || broken.Unsent)
}

func sleep(ctx context.Context, pause time.Duration) error {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}

// fillPath puts values into a path's template, in their order.
func fillPath(template string, values []string) (string, error) {
	for _, value := range values {
		begin, end := strings.IndexByte(template, '{'), strings.IndexByte(template, '}')
		name := template[begin+1 : end]
		if value == "" {
			return "", fmt.Errorf("memcubed: %s is missing", name)
		}
		for _, segment := range strings.FieldsFunc(value, func(r rune) bool { return r == '/' || r == '\\' }) {
			// Clients and proxies resolve these away, and the call would go to another route.
			if segment == "." || segment == ".." {
				return "", fmt.Errorf("memcubed: %s: a segment %q cannot stand in a path", name, segment)
			}
		}
		template = template[:begin] + url.PathEscape(value) + template[end+1:]
	}
	return template, nil
}

// encodeQuery reads the fields with a tag `query` of a struct of parameters; what is nil is left out.
func encodeQuery(params any) url.Values {
	values := url.Values{}
	if params == nil {
		return values
	}
	of := reflect.ValueOf(params)
	for n := range of.NumField() {
		name := of.Type().Field(n).Tag.Get("query")
		addValue(values, name, of.Field(n))
	}
	return values
}

func addValue(values url.Values, name string, value reflect.Value) {
	switch value.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !value.IsNil() {
			addValue(values, name, value.Elem())
		}
	case reflect.Slice:
		for n := range value.Len() {
			addValue(values, name, value.Index(n))
		}
	default:
		if at, ok := value.Interface().(time.Time); ok {
			values.Add(name, at.Format(time.RFC3339Nano))
			return
		}
		values.Add(name, fmt.Sprint(value.Interface()))
	}
}

func isNilPointer(value any) bool {
	of := reflect.ValueOf(value)
	return of.Kind() == reflect.Pointer && of.IsNil()
}
