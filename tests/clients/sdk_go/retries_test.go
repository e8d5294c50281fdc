// What the client does when answers fail, come late or not at all.
package tests

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"memcubed.internal/go"
)

type scripted struct {
	status int
	header map[string]string
	body   string
	pieces []string
	delay  time.Duration
	drop   bool
}

type asked struct {
	method, url, body string
	header            http.Header
	at                time.Time
}

// faulty gives the answers it is told to, in their order, and notes what it was asked.
func faulty(t *testing.T, script ...scripted) (*httptest.Server, func() []asked) {
	var lock sync.Mutex
	var seen []asked
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		lock.Lock()
		next := scripted{status: 599, body: "nothing is left of the script"}
		if len(seen) < len(script) {
			next = script[len(seen)]
		}
		seen = append(seen, asked{r.Method, r.URL.String(), string(body), r.Header, time.Now()})
		lock.Unlock()
		select {
		case <-r.Context().Done():
			return
		case <-time.After(next.delay):
		}
		if next.drop {
			panic(http.ErrAbortHandler)
		}
		for name, value := range next.header {
			w.Header().Set(name, value)
		}
		w.WriteHeader(max(200, next.status))
		for _, piece := range next.pieces {
			_, _ = io.WriteString(w, piece)
			w.(http.Flusher).Flush()
			time.Sleep(next.delay)
		}
		_, _ = io.WriteString(w, next.body)
	}))
	t.Cleanup(server.Close)
	return server, func() []asked { lock.Lock(); defer lock.Unlock(); return seen }
}

func clientOf(t *testing.T, url string, change ...func(*memcubed.Options)) *memcubed.Client {
	t.Helper()
	options := memcubed.Options{URL: url, Key: "mc_test", UserID: "ann", Timeout: 5 * time.Second}
	for _, one := range change {
		one(&options)
	}
	return must(memcubed.New(options))(t)
}

func problem(status int, code string) scripted {
	return scripted{status: status, body: fmt.Sprintf(
		`{"type": "about:blank", "title": "T", "status": %d, "code": %q, "detail": "It is %s"}`, status, code, code)}
}

func TestRetries(t *testing.T) {
	after := func(answer scripted, value string) scripted {
		answer.header = map[string]string{"Retry-After": value}
		return answer
	}
	found, added, memory := scripted{body: `{"items": []}`}, scripted{status: 202, body: `{"job_id": "j"}`}, scripted{body: `{"id": "m"}`}
	busy, away := after(problem(429, "too_many_requests"), "0"), after(problem(503, "unavailable"), "0")
	lost, gone := scripted{drop: true}, problem(404, "not_found")
	var search, add, pin, remove, erase, put, putAt, key, ask func(c *memcubed.Client) error
	search = func(c *memcubed.Client) error { _, err := c.Search(ctx, memcubed.SearchMemory{Query: "x"}); return err }
	add = func(c *memcubed.Client) error { _, err := c.Add(ctx, said("s", "x")); return err }
	pin = func(c *memcubed.Client) error { _, err := c.Pin(ctx, "m", ""); return err }
	remove = func(c *memcubed.Client) error { return c.Delete(ctx, "m") }
	erase = func(c *memcubed.Client) error { _, err := c.Erase(ctx); return err }
	put = func(c *memcubed.Client) error {
		_, err := c.PutArtifact(ctx, "a", memcubed.PutArtifact{Content: "x"})
		return err
	}
	putAt = func(c *memcubed.Client) error {
		_, err := c.PutArtifact(ctx, "a", memcubed.PutArtifact{Content: "x"}, memcubed.IfMatch(1))
		return err
	}
	key = func(c *memcubed.Client) error {
		_, err := c.API().CreateKey(ctx, memcubed.CreateKey{Name: "n"})
		return err
	}
	ask = func(c *memcubed.Client) error {
		_, err := c.Answer(ctx, memcubed.AnswerQuestion{Query: "x"})
		return err
	}
	store := func(operations ...memcubed.StoreOperation) func(*memcubed.Client) error {
		return func(c *memcubed.Client) error { _, err := c.Store(ctx, operations); return err }
	}
	results := func(count int) scripted {
		each := strings.TrimSuffix(strings.Repeat(`{"item": null},`, count), ",")
		return scripted{body: `{"results": [` + each + `]}`}
	}
	read, written, removed := memcubed.GetStoreItem{}, memcubed.PutStoreItem{}, memcubed.DeleteStoreItem{}
	broken := errors.New("a ConnectionError")

	for _, one := range []struct {
		what   string
		call   func(*memcubed.Client) error
		script []scripted
		calls  int
		wanted error
	}{
		{"a read after 429", search, []scripted{busy, found}, 2, nil},
		{"a read after 503", search, []scripted{away, busy, away, found}, 4, nil},
		{"a read that is refused too often", search, []scripted{away, away, away, away, found}, 4, memcubed.ErrUnavailable},
		{"429 too often", search, []scripted{busy, busy, busy, busy}, 4, memcubed.ErrRateLimit},
		{"a keyed write after 429", add, []scripted{busy, added}, 2, nil},
		{"any write after 429: nothing was done", pin, []scripted{busy, memory}, 2, nil},
		{"a write of the low level after 503", key, []scripted{away, {status: 201, body: `{"id": "k"}`}}, 2, nil},
		{"a read whose answer was lost", search, []scripted{lost, found}, 2, nil},
		{"a keyed write whose answer was lost", add, []scripted{lost, lost, added}, 3, nil},
		{"a write without a key whose answer was lost", pin, []scripted{lost, memory}, 1, broken},
		{"a write of the low level whose answer was lost", key, []scripted{lost, memory}, 1, broken},
		{"an answer costs a model's call", ask, []scripted{lost, found}, 1, broken},
		{"a delete whose answer was lost", remove, []scripted{lost, {status: 204}}, 2, nil},
		{"a delete that was done although its answer was lost", remove, []scripted{lost, gone}, 2, nil},
		{"a delete of what is not there", remove, []scripted{gone}, 1, memcubed.ErrNotFound},
		{"a delete after a refusal of what is not there", remove, []scripted{busy, gone}, 2, memcubed.ErrNotFound},
		{"an erasure whose answer was lost", erase, []scripted{lost, {body: `{"id": "e"}`}}, 2, nil},
		{"a version that may come twice", put, []scripted{lost, {body: `{"version": 1}`}}, 2, nil},
		{"a version that follows another", putAt, []scripted{lost, memory}, 1, broken},
		{"writes of a store whose answer was lost", store(written, removed), []scripted{lost, results(2)}, 2, nil},
		{"reads of a store whose answer was lost", store(read, memcubed.SearchStoreItems{}), []scripted{lost, results(2)}, 2, nil},
		{"a write of a store before a read", store(written, read), []scripted{lost, results(2)}, 2, nil},
		{"a read of a store before a write", store(read, written), []scripted{lost, results(2)}, 1, broken},
		{"a read of a store between writes", store(removed, memcubed.ListStoreNamespaces{}, removed), []scripted{lost, results(3)}, 1, broken},
		{"a read and a write of a store after 429", store(read, written), []scripted{busy, results(2)}, 2, nil},
		{"too few results of a store", store(read, written), []scripted{results(1)}, 1, errors.New("1 results for 2")},
		{"an answer cut in the middle", search, []scripted{{header: map[string]string{"Content-Length": "100"}, body: `{"items`}, found}, 2, nil},
		{"an answer that is no JSON", search, []scripted{{body: "<html>"}, found}, 2, nil},
		{"an answer of another form", search, []scripted{{body: `{"items": 7}`}}, 1, errors.New("of another form")},
		{"400", search, []scripted{problem(400, "bad_request")}, 1, memcubed.ErrInvalidRequest},
		{"401", search, []scripted{problem(401, "unauthorized")}, 1, memcubed.ErrAuthentication},
		{"403", search, []scripted{problem(403, "forbidden")}, 1, memcubed.ErrPermissionDenied},
		{"409", search, []scripted{problem(409, "conflict")}, 1, memcubed.ErrConflict},
		{"412", search, []scripted{problem(412, "precondition_failed")}, 1, memcubed.ErrConflict},
		{"413", search, []scripted{problem(413, "too_large")}, 1, memcubed.ErrInvalidRequest},
		{"428", search, []scripted{problem(428, "precondition_required")}, 1, memcubed.ErrInvalidRequest},
		{"500", search, []scripted{problem(500, "internal")}, 1, memcubed.ErrServer},
		{"502", search, []scripted{problem(502, "upstream_failed")}, 1, memcubed.ErrServer},
		{"503 is a failure of the service", search, []scripted{away, away, away, away}, 4, memcubed.ErrServer},
		{"a code that is new, of a known status", search, []scripted{problem(404, "brand_new")}, 1, memcubed.ErrNotFound},
		{"a status that is new", search, []scripted{problem(418, "teapot")}, 1, memcubed.ErrInvalidRequest},
		{"a proxy's page", search, []scripted{{status: 504, body: "<h1>Gateway</h1>"}}, 1, memcubed.ErrServer},
		{"a body that is not a problem", search, []scripted{{status: 400, body: `{"code": 7}`}}, 1, memcubed.ErrInvalidRequest},
		{"a redirection, which would take the key elsewhere", pin, []scripted{{status: 307, header: map[string]string{"Location": "/other"}}}, 1, memcubed.ErrInvalidRequest},
	} {
		t.Run(one.what, func(t *testing.T) {
			t.Parallel()
			server, seen := faulty(t, one.script...)
			err := one.call(clientOf(t, server.URL))
			var lost *memcubed.ConnectionError
			switch {
			case one.wanted == broken && !errors.As(err, &lost):
				t.Fatalf("%v is no ConnectionError", err)
			case one.wanted != broken && !errors.Is(err, one.wanted) && (err == nil || one.wanted == nil || !strings.Contains(err.Error(), one.wanted.Error())):
				t.Fatalf("%v is not %v", err, one.wanted)
			}
			is(t, len(seen()), one.calls)
			for _, request := range seen() {
				is(t, request.header.Get("Authorization"), "Bearer mc_test")
				is(t, request.header.Get("User-Agent"), "memcubed-go/"+memcubed.Version)
				is(t, request.header.Get("Idempotency-Key"), seen()[0].header.Get("Idempotency-Key"))
			}
		})
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	answer := func(value string) scripted {
		busy := problem(429, "too_many_requests")
		busy.header = map[string]string{"Retry-After": value}
		return busy
	}
	search := memcubed.SearchMemory{Query: "x"}
	for value, least := range map[string]time.Duration{
		"1": 990 * time.Millisecond, time.Now().Add(3 * time.Second).UTC().Format(http.TimeFormat): 500 * time.Millisecond, "soon": 100 * time.Millisecond,
	} {
		server, seen := faulty(t, answer(value), scripted{body: "{}"})
		must(clientOf(t, server.URL).Search(ctx, search))(t)
		if pause := seen()[1].at.Sub(seen()[0].at); pause < least {
			t.Fatal(value, pause)
		}
	}
	server, seen := faulty(t, answer("31"), answer("2"))
	_, err := clientOf(t, server.URL).Search(ctx, search)
	var limited *memcubed.Error
	if !errors.As(err, &limited) || limited.RetryAfter != 31*time.Second {
		t.Fatal(err)
	}
	_, err = clientOf(t, server.URL, func(o *memcubed.Options) { o.MaxRetryWait = time.Second }).Search(ctx, search)
	fails(t, err, memcubed.ErrRateLimit)
	is(t, len(seen()), 2)
}

func TestTimes(t *testing.T) {
	t.Parallel()
	slow, fine := scripted{delay: time.Second, body: "{}"}, scripted{body: "{}"}
	search := memcubed.SearchMemory{Query: "x"}
	server, seen := faulty(t, slow, fine, slow, slow)
	client := clientOf(t, server.URL)
	must(client.Search(ctx, search, memcubed.Timeout(200*time.Millisecond)))(t)
	is(t, len(seen()), 2)
	_, err := client.Search(ctx, search, memcubed.Timeout(100*time.Millisecond), memcubed.MaxRetries(0))
	var late *memcubed.ConnectionError
	if !errors.As(err, &late) || !late.Timeout() {
		t.Fatal(err)
	}
	reason := errors.New("enough")
	cancelled, cancel := context.WithCancelCause(ctx)
	time.AfterFunc(100*time.Millisecond, func() { cancel(reason) })
	_, err = client.Search(cancelled, search)
	fails(t, err, reason)
	begin := time.Now()
	busy := problem(429, "too_many_requests")
	busy.header = map[string]string{"Retry-After": "20"}
	server, _ = faulty(t, busy)
	short, end := context.WithTimeout(ctx, 150*time.Millisecond)
	defer end()
	_, err = clientOf(t, server.URL).Search(short, search)
	fails(t, err, context.DeadlineExceeded)
	if time.Since(begin) > 2*time.Second {
		t.Fatal("it waited on")
	}
}

func TestNobodyListens(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	_, err := clientOf(t, server.URL, func(o *memcubed.Options) { o.MaxRetries = memcubed.Ptr(1) }).Pin(ctx, "m", "")
	var broken *memcubed.ConnectionError
	if !errors.As(err, &broken) || !broken.Unsent || strings.Contains(err.Error(), "mc_test") {
		t.Fatal(err)
	}
}

func TestEvents(t *testing.T) {
	t.Parallel()
	whole := ": hi\r\nevent: shown\r\ndata: {\"shown_ids\": [],\r\ndata: \"sub_questions\": [\"ä 😀\"]}\r\n\r\nevent: other\ndata: 1\n\nevent: restart\ndata: {}\n\nevent: answer\ndata: {\"answer\": \"a\"}\n\n"
	read := func(answer scripted, options ...memcubed.CallOption) (types []string, last error) {
		server, seen := faulty(t, answer)
		for event, err := range clientOf(t, server.URL).AnswerStream(ctx, memcubed.AnswerQuestion{Query: "x"}, options...) {
			if err != nil {
				last = err
				continue
			}
			types = append(types, event.Type)
		}
		is(t, seen()[0].header.Get("Accept"), "text/event-stream")
		return types, last
	}
	for _, size := range []int{1, 3, 1000} {
		answer := scripted{}
		for at := 0; at < len(whole); at += size {
			answer.pieces = append(answer.pieces, whole[at:min(at+size, len(whole))])
		}
		types, err := read(answer)
		is(t, err, nil)
		is(t, types, []string{"shown", "restart", "answer"})
	}
	types, err := read(scripted{pieces: strings.SplitAfter(whole, "\n\n"), delay: 150 * time.Millisecond}, memcubed.Timeout(400*time.Millisecond))
	is(t, []any{len(types), err}, []any{3, nil})
	_, err = read(scripted{pieces: []string{":\n", ":\n", ":\n"}, delay: 500 * time.Millisecond}, memcubed.Timeout(200*time.Millisecond))
	var broken *memcubed.ConnectionError
	if !errors.As(err, &broken) || !broken.Timeout() {
		t.Fatal(err)
	}
	for _, cut := range []string{"", "event: claim\ndata: {\"text\": \"a\"}\n\n", "event: answer\ndata: {\"answer\": "} {
		_, err = read(scripted{body: cut})
		if !errors.As(err, &broken) {
			t.Fatal(cut, err)
		}
	}
	_, err = read(scripted{body: "event: error\ndata: " + problem(502, "upstream_failed").body + "\n\n"})
	fails(t, err, memcubed.ErrServer)
}

func TestUpdatesWhoseAnswerWasLost(t *testing.T) {
	t.Parallel()
	memory := func(version int, content string) scripted {
		return scripted{body: fmt.Sprintf(`{"id": "m", "version": %d, "content": %q}`, version, content)}
	}
	for _, one := range []struct {
		script []scripted
		asked  int
		last   string
	}{
		{[]scripted{memory(1, "x"), {drop: true}, memory(2, "y")}, 1, ""},
		{[]scripted{memory(1, "x"), {drop: true}, memory(1, "x"), memory(2, "y")}, 2, "1"},
		{[]scripted{memory(1, "x"), {drop: true}, memory(2, "z"), memory(3, "y")}, 2, "2"},
	} {
		server, seen := faulty(t, one.script...)
		count := 0
		written := must(clientOf(t, server.URL).Update(ctx, "m", func(*memcubed.Memory) (*memcubed.UpdateMemory, error) {
			count++
			return &memcubed.UpdateMemory{Content: memcubed.Ptr("y"), Reason: memcubed.Ptr("why")}, nil
		}))(t)
		is(t, []any{written.Content, count, len(seen())}, []any{"y", one.asked, len(one.script)})
		is(t, seen()[len(seen())-1].header.Get("If-Match"), one.last)
	}
}

func TestAJobThatFailed(t *testing.T) {
	t.Parallel()
	server, _ := faulty(t, scripted{body: `{"status": "running"}`}, scripted{body: `{"id": "j", "status": "dead", "error": "the model is away"}`})
	_, err := clientOf(t, server.URL).Wait(ctx, "j")
	var failed *memcubed.JobFailedError
	if !errors.As(err, &failed) || !strings.Contains(err.Error(), "the model is away") {
		t.Fatal(err)
	}
}

func TestPaths(t *testing.T) {
	t.Parallel()
	server, seen := faulty(t, scripted{body: "{}"})
	for _, id := range []string{"", "..", ".", "a/../b", "../admin", `..\x`} {
		if _, err := clientOf(t, server.URL).Get(ctx, id); err == nil {
			t.Fatal(id)
		}
	}
	is(t, len(seen()), 0)
	must(clientOf(t, server.URL+"/behind/").Get(ctx, "a/{b} %41"))(t)
	is(t, seen()[0].url, "/behind/v1/memories/a%2F%7Bb%7D%20%2541")
}

func TestAClientThatCouldNotWork(t *testing.T) {
	t.Parallel()
	for _, options := range []memcubed.Options{
		{URL: "http://x", Key: "mc_\n"}, {URL: "http://x", Key: "mc_ä"}, {URL: "http://x", Key: "a b"}, {URL: "nonsense", Key: "k"}, {URL: "ftp://x", Key: "k"},
		{URL: "http://u:p@x", Key: "k"}, {URL: "http://x/?q", Key: "k"}, {URL: "http://x/#f", Key: "k"}, {URL: "http://", Key: "k"}, {URL: "://", Key: "k"},
		{URL: "http://x", Key: "k", Timeout: -1}, {URL: "http://x", Key: "k", MaxRetries: memcubed.Ptr(-1)}, {URL: "http://x", Key: "k", MaxRetryWait: -1},
	} {
		if _, err := memcubed.New(options); err == nil {
			t.Fatal(options.URL)
		}
	}
}
