package memcubed

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"time"
)

const maxUpdates = 10

// NullTime is a time, or null where Valid is false.
type NullTime struct {
	Time  time.Time
	Valid bool
}

// MarshalJSON writes the time, or null.
func (t NullTime) MarshalJSON() ([]byte, error) {
	if !t.Valid {
		return []byte("null"), nil
	}
	return t.Time.MarshalJSON()
}

// UnmarshalJSON reads a time, or null.
func (t *NullTime) UnmarshalJSON(text []byte) error {
	*t = NullTime{}
	if bytes.Equal(text, []byte("null")) {
		return nil
	}
	t.Valid = true
	return t.Time.UnmarshalJSON(text)
}

// Update changes a memory: it reads it, asks change for the fields, and writes them if nobody else was first; else it begins
// again, up to ten times. Where change gives nil nothing is written.
func (c *Client) Update(
	ctx context.Context, memoryID string, change func(*Memory) (*UpdateMemory, error), options ...CallOption,
) (*Memory, error) {
	return write(ctx, writing[Memory, UpdateMemory]{
		read:   func() (*Memory, error) { return c.Get(ctx, memoryID, options...) },
		change: change,
		write: func(read *Memory, fields *UpdateMemory) (*Memory, error) {
			return c.api.UpdateMemory(ctx, memoryID, *fields, with(options, IfMatch(read.Version))...)
		},
		version: func(read *Memory) int { return read.Version },
		isWritten: func(fields *UpdateMemory, read *Memory) bool {
			rest := *fields
			rest.Reason = nil
			return saysAll(rest, read)
		},
	})
}

// State reads the state of a session; nil if there is none yet.
func (c *Client) State(ctx context.Context, sessionID string, options ...CallOption) (*SessionStateVersion, error) {
	params := GetSessionStateParams{}
	if err := c.fill(&params.UserID); err != nil {
		return nil, err
	}
	state, err := c.api.GetSessionState(ctx, sessionID, params, options...)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	return state, err
}

// UpdateState changes the state of a session as Update does a memory. What change is given is empty at first; the fields
// that it gives take the place of those that are there, and nil ones change nothing. Without state and change it gives nil.
func (c *Client) UpdateState(
	ctx context.Context, sessionID string, change func(*SessionStateVersion) (*SessionState, error), options ...CallOption,
) (*SessionStateVersion, error) {
	userID := ""
	if err := c.fill(&userID); err != nil {
		return nil, err
	}
	written, err := write(ctx, writing[SessionStateVersion, SessionState]{
		read: func() (*SessionStateVersion, error) {
			read, err := c.State(ctx, sessionID, options...)
			if read == nil && err == nil {
				read = &SessionStateVersion{UserID: userID, SessionID: sessionID}
			}
			return read, err
		},
		change: change,
		write: func(read *SessionStateVersion, state *SessionState) (*SessionStateVersion, error) {
			body := PutSessionState{UserID: userID, State: merge(read.State, *state)}
			return c.api.PutSessionState(ctx, sessionID, body, with(options, IfMatch(read.Version))...)
		},
		version:   func(read *SessionStateVersion) int { return read.Version },
		isWritten: func(state *SessionState, read *SessionStateVersion) bool { return saysAll(state, read.State) },
	})
	if written != nil && written.Version == 0 {
		return nil, err
	}
	return written, err
}

func merge(state, fields SessionState) SessionState {
	if fields.Goals != nil {
		state.Goals = fields.Goals
	}
	if fields.Topics != nil {
		state.Topics = fields.Topics
	}
	if fields.Procedure != nil {
		state.Procedure = fields.Procedure
	}
	if fields.Data != nil {
		state.Data = fields.Data
	}
	return state
}

type writing[T, Fields any] struct {
	read      func() (*T, error)
	change    func(*T) (*Fields, error)
	write     func(*T, *Fields) (*T, error)
	version   func(*T) int
	isWritten func(*Fields, *T) bool
}

// write reads, changes, and writes if nobody else was first.
func write[T, Fields any](ctx context.Context, w writing[T, Fields]) (*T, error) {
	read, err := w.read()
	if err != nil {
		return nil, err
	}
	for attempt := 1; ; attempt++ {
		fields, err := w.change(read)
		if err != nil {
			return nil, err
		}
		if fields == nil {
			return read, nil
		}
		written, err := w.write(read, fields)
		var broken *ConnectionError
		isLost := errors.As(err, &broken)
		if err == nil || attempt >= maxUpdates || !isLost && !errors.Is(err, ErrPreconditionFailed) {
			return written, err
		}
		pause := min(500*time.Millisecond, 20*time.Millisecond<<attempt)
		if err := sleep(ctx, time.Duration(float64(pause)*(0.5+rand.Float64()/2))); err != nil {
			return nil, err
		}
		before := w.version(read)
		if read, err = w.read(); err != nil {
			return nil, err
		}
		// The write may have arrived although its answer did not.
		if isLost && w.version(read) == before+1 && w.isWritten(fields, read) {
			return read, nil
		}
	}
}

// saysAll says whether what was read has all that was written.
func saysAll(written, read any) bool {
	fields, stored := toJSON(written), toJSON(read)
	for name, value := range fields {
		if !isSame(value, stored[name]) {
			return false
		}
	}
	return fields != nil && stored != nil
}

func toJSON(value any) map[string]any {
	text, err := json.Marshal(value)
	if err != nil {
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var object map[string]any
	if decoder.Decode(&object) != nil {
		return nil
	}
	return object
}

// isSame compares JSON; times may be written in two ways.
func isSame(written, stored any) bool {
	text, err := json.Marshal(written)
	other, otherErr := json.Marshal(stored)
	if err != nil || otherErr != nil {
		return false
	}
	if bytes.Equal(text, other) {
		return true
	}
	var at, storedAt time.Time
	return json.Unmarshal(text, &at) == nil && json.Unmarshal(other, &storedAt) == nil && at.Equal(storedAt)
}
