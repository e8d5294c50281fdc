// Package memcubed is the client of memcubed, memory as a service for LLM chat apps and agents.
package memcubed

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// Version of the client.
const Version = "0.2.0"

// bundleTime is enough for all that one user has.
const bundleTime = 10 * time.Minute

// Options of a client. What is left out has a default.
type Options struct {
	// URL of the service; else MEMCUBED_URL, else http://127.0.0.1:8000.
	URL string
	// Key, "mc_…"; else MEMCUBED_API_KEY. It is never printed.
	Key string
	// UserID is the user that is meant where a call names none.
	UserID string
	// Timeout of an attempt (30 s).
	Timeout time.Duration
	// MaxRetries after the first attempt; nil = 3.
	MaxRetries *int
	// MaxRetryWait: a longer Retry-After is not waited for (30 s).
	MaxRetryWait time.Duration
	// HTTPClient of your own. Redirections are not followed, since they would take the key elsewhere.
	HTTPClient *http.Client
}

// Client has the methods that an app needs; API has every route. It may be used by many goroutines.
type Client struct {
	api    *API
	userID string
}

// New makes a client.
func New(options Options) (*Client, error) {
	base := first(options.URL, os.Getenv("MEMCUBED_URL"), "http://127.0.0.1:8000")
	key := first(options.Key, os.Getenv("MEMCUBED_API_KEY"))
	parsed, err := url.Parse(base)
	switch {
	case err != nil || parsed.Host == "" || parsed.Scheme != "http" && parsed.Scheme != "https":
		return nil, errors.New("memcubed: the URL must begin with http:// or https:// and have a host")
	case parsed.User != nil || parsed.RawQuery != "" || parsed.Fragment != "":
		return nil, errors.New("memcubed: the URL may have a host, a port and a path only")
	case key == "":
		return nil, errors.New("memcubed: no key: give Options.Key, or set MEMCUBED_API_KEY")
	case strings.ContainsFunc(key, func(r rune) bool { return r < '!' || r > '~' }):
		return nil, errors.New("memcubed: the key has characters that no key has")
	case options.Timeout < 0 || options.MaxRetryWait < 0 || options.MaxRetries != nil && *options.MaxRetries < 0:
		return nil, errors.New("memcubed: times and numbers of retries are not negative")
	}
	client := &http.Client{}
	if options.HTTPClient != nil {
		*client = *options.HTTPClient
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	api := &API{
		base: strings.TrimRight(base, "/"), key: key, http: client,
		timeout: orElse(options.Timeout, 30*time.Second), maxRetries: 3,
		maxRetryWait: orElse(options.MaxRetryWait, 30*time.Second),
	}
	if options.MaxRetries != nil {
		api.maxRetries = *options.MaxRetries
	}
	return &Client{api: api, userID: options.UserID}, nil
}

// API is the low level: every route.
func (c *Client) API() *API { return c.api }

// UserID is the user that is meant where a call names none.
func (c *Client) UserID() string { return c.userID }

// User gives the same client, bound to a user.
func (c *Client) User(userID string) *Client { return &Client{api: c.api, userID: userID} }

// Ptr gives a pointer to a value, for fields that may be left out.
func Ptr[T any](value T) *T { return &value }

// Said is a turn of the user.
func Said(content string) TurnInput { return TurnInput{Role: TurnRoleUser, Content: content} }

// Add writes what was said. The service reads it in a job: see Wait.
func (c *Client) Add(ctx context.Context, body AddTurns, options ...CallOption) (*AcceptedTurns, error) {
	if err := c.fill(&body.UserID); err != nil {
		return nil, err
	}
	return c.api.AddTurns(ctx, body, keyed(options)...)
}

// AddMemory writes a memory that is ready-made.
func (c *Client) AddMemory(ctx context.Context, body CreateMemory, options ...CallOption) (*Memory, error) {
	if err := c.fill(&body.UserID); err != nil {
		return nil, err
	}
	return c.api.CreateMemory(ctx, body, keyed(options)...)
}

// Wait waits until a job has ended well, for a minute at most if the context has no deadline.
func (c *Client) Wait(ctx context.Context, jobID string, options ...CallOption) (*JobDetail, error) {
	begin := time.Now()
	end, ok := ctx.Deadline()
	if !ok {
		end = begin.Add(time.Minute)
	}
	for pause := 50 * time.Millisecond; ; pause = min(time.Second, pause*3/2) {
		job, err := c.api.GetJob(ctx, jobID, options...)
		if err != nil {
			return nil, waitError(ctx, jobID, begin, err)
		}
		switch job.Status {
		case JobStatusSucceeded:
			return job, nil
		case JobStatusFailed, JobStatusDead:
			return nil, &JobFailedError{Job: job}
		}
		left := time.Until(end)
		if left <= 0 {
			return nil, &WaitTimeoutError{JobID: jobID, After: time.Since(begin).Round(time.Millisecond)}
		}
		if err := sleep(ctx, min(pause, left)); err != nil {
			return nil, waitError(ctx, jobID, begin, err)
		}
	}
}

func waitError(ctx context.Context, jobID string, begin time.Time, err error) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return &WaitTimeoutError{JobID: jobID, After: time.Since(begin).Round(time.Millisecond)}
	}
	return err
}

// Search finds turns and memories, best first.
func (c *Client) Search(ctx context.Context, body SearchMemory, options ...CallOption) (*SearchResults, error) {
	if err := c.fill(&body.UserID); err != nil {
		return nil, err
	}
	return c.api.SearchMemory(ctx, body, c.waiting(body.WaitFor, body.WaitSeconds, options)...)
}

// Context gives a text for a prompt, and the ids of what is in it.
func (c *Client) Context(ctx context.Context, body BuildContext, options ...CallOption) (*PromptContext, error) {
	if err := c.fill(&body.UserID); err != nil {
		return nil, err
	}
	return c.api.BuildContext(ctx, body, c.waiting(body.WaitFor, body.WaitSeconds, options)...)
}

// Feedback says which of the items of a search, context or answer were of use.
func (c *Client) Feedback(
	ctx context.Context, retrievalID string, citedIDs []string, options ...CallOption,
) (*Feedback, error) {
	if citedIDs == nil {
		citedIDs = []string{}
	}
	return c.api.SendFeedback(ctx, retrievalID, SendFeedback{CitedIDs: citedIDs}, options...)
}

// Get reads a memory.
func (c *Client) Get(ctx context.Context, memoryID string, options ...CallOption) (*Memory, error) {
	return c.api.GetMemory(ctx, memoryID, GetMemoryParams{}, options...)
}

// History has all versions of a memory, and the timeline of its slot.
func (c *Client) History(ctx context.Context, memoryID string, options ...CallOption) (*MemoryHistory, error) {
	return c.api.GetMemoryHistory(ctx, memoryID, options...)
}

// Sources has the turns that a memory rests on, with their quotes.
func (c *Client) Sources(ctx context.Context, memoryID string, options ...CallOption) ([]MemorySource, error) {
	list, err := c.api.ListMemorySources(ctx, memoryID, options...)
	if err != nil {
		return nil, err
	}
	return list.Items, nil
}

// Delete takes the text out of a memory and all its versions.
func (c *Client) Delete(ctx context.Context, memoryID string, options ...CallOption) error {
	return c.api.DeleteMemory(ctx, memoryID, with(options, goneDone)...)
}

// DeleteTurn deletes a turn and what rests on it alone.
func (c *Client) DeleteTurn(ctx context.Context, turnID string, options ...CallOption) error {
	return c.api.DeleteTurn(ctx, turnID, with(options, goneDone)...)
}

// DeleteSession erases a session's turns, and what is known from them alone.
func (c *Client) DeleteSession(ctx context.Context, sessionID string, options ...CallOption) (*SessionErasure, error) {
	params := EraseSessionParams{}
	if err := c.fill(&params.UserID); err != nil {
		return nil, err
	}
	return c.api.EraseSession(ctx, sessionID, params, with([]CallOption{Timeout(bundleTime)}, options...)...)
}

// Forget says what fades or expires, and why; with DryRun false it is done by a job.
func (c *Client) Forget(ctx context.Context, body PlanForgetting, options ...CallOption) (*ForgettingPlan, error) {
	if err := c.fill(&body.UserID); err != nil {
		return nil, err
	}
	return c.api.PlanForgetting(ctx, body, options...)
}

// Me has the tenant, scopes, user and end of the key.
func (c *Client) Me(ctx context.Context, options ...CallOption) (*Caller, error) {
	return c.api.GetMe(ctx, options...)
}

// Erase erases a person: all rows of the user, and what others have copied.
func (c *Client) Erase(ctx context.Context, options ...CallOption) (*ErasureReceipt, error) {
	params := EraseNamedUserParams{}
	if err := c.fill(&params.UserID); err != nil {
		return nil, err
	}
	return c.api.EraseNamedUser(ctx, params, with([]CallOption{Timeout(bundleTime)}, options...)...)
}

// ExportBundle writes everything of a user, as lines of JSON.
func (c *Client) ExportBundle(ctx context.Context, to io.Writer, embeddings bool, options ...CallOption) error {
	userID := ""
	if err := c.fill(&userID); err != nil {
		return err
	}
	query := func(o *callOptions) {
		o.query = url.Values{"user_id": {userID}, "embeddings": {fmt.Sprint(embeddings)}}
		o.isStream, o.isUnrepeatable = true, true
	}
	return c.api.do(ctx, call{method: "GET", path: "/v1/users/export"}, with(options, query), func(r *http.Response) error {
		_, err := io.Copy(to, r.Body)
		return err
	})
}

// ImportBundle stores a bundle for a user who has nothing yet. userID gives another name than the bundle's, "" none.
func (c *Client) ImportBundle(
	ctx context.Context, bundle io.Reader, userID string, options ...CallOption,
) (*ImportedBundle, error) {
	sent := func(o *callOptions) {
		o.stream, o.timeout = bundle, max(o.timeout, bundleTime)
		o.header.Set("Content-Type", "application/x-ndjson")
		if userID != "" {
			o.query.Set("user_id", userID)
		}
	}
	return send[ImportedBundle](ctx, c.api, call{method: "POST", path: "/v1/import"}, with([]CallOption{sent}, options...))
}

// fill puts the client's user where none is named.
func (c *Client) fill(userID *string) error {
	if *userID == "" {
		*userID = c.userID
	}
	if *userID == "" {
		return ErrNoUser
	}
	return nil
}

// waiting gives a call that waits for a job that time too.
func (c *Client) waiting(job *string, seconds *float64, options []CallOption) []CallOption {
	if job == nil {
		return options
	}
	extra := 5 * time.Second // as the service waits where the call does not say
	if seconds != nil {
		extra = time.Duration(*seconds * float64(time.Second))
	}
	return with(options, func(o *callOptions) { o.timeout += extra })
}

// keyed makes an Idempotency-Key, the same in all attempts, unless one is given.
func keyed(options []CallOption) []CallOption {
	return with(options, func(o *callOptions) {
		if o.header.Get("Idempotency-Key") == "" {
			random := make([]byte, 16)
			_, _ = rand.Read(random) // it never fails
			o.header.Set("Idempotency-Key", hex.EncodeToString(random))
		}
	})
}

func with(options []CallOption, more ...CallOption) []CallOption {
	return append(append([]CallOption{}, options...), more...)
}

func first(values ...string) string {
	for _, value := range values {
		if value != "" {
			return value
		}
	}
	return ""
}

func orElse(value, other time.Duration) time.Duration {
	if value == 0 {
		return other
	}
	return value
}
