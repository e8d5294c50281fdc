package memcubed

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"net/http"
	"strings"
	"time"
)

// answerTime is that of two calls of the model, each with the time that the service gives it.
const answerTime = 150 * time.Second

var errStopped = errors.New("memcubed: the reader has left")

// AnswerEvent is a step of an answer. What belongs to its Type is set.
type AnswerEvent struct {
	// Type is "shown", "claim", "restart" (the claims so far do not count) or "answer", which alone is final.
	Type   string
	Shown  *AnswerShown
	Claim  *AnswerClaim
	Answer *CitedAnswer
}

// AnswerShown is what the model reads now.
type AnswerShown struct {
	ShownIDs     []string `json:"shown_ids"`
	SubQuestions []string `json:"sub_questions"`
}

// Answer answers from the memory, each claim with its citations.
func (c *Client) Answer(ctx context.Context, body AnswerQuestion, options ...CallOption) (*CitedAnswer, error) {
	if err := c.fill(&body.UserID); err != nil {
		return nil, err
	}
	return c.api.AnswerQuestion(ctx, body, with([]CallOption{Timeout(answerTime)}, options...)...)
}

// AnswerStream does the same while the model writes. Leaving the loop ends the model's call.
func (c *Client) AnswerStream(
	ctx context.Context, body AnswerQuestion, options ...CallOption,
) iter.Seq2[*AnswerEvent, error] {
	return func(yield func(*AnswerEvent, error) bool) {
		if err := c.fill(&body.UserID); err != nil {
			yield(nil, err)
			return
		}
		body.Stream = Ptr(true)
		stream := func(o *callOptions) { o.isStream = true; o.header.Set("Accept", "text/event-stream") }
		options := with([]CallOption{Timeout(answerTime)}, with(options, stream)...)
		sent := call{method: "POST", path: "/v1/answer", body: body}
		err := c.api.do(ctx, sent, options, func(response *http.Response) error {
			return readEvents(response.Body, func(name, data string) error {
				event, err := eventOf(name, data)
				if err == nil && event != nil && !yield(event, nil) || name == "answer" && err == nil {
					return errStopped
				}
				return err
			})
		})
		if err != nil && err != errStopped {
			yield(nil, err)
		}
	}
}

func eventOf(name, data string) (*AnswerEvent, error) {
	event := &AnswerEvent{Type: name}
	var target any
	switch name {
	case "shown":
		event.Shown = &AnswerShown{}
		target = event.Shown
	case "claim":
		event.Claim = &AnswerClaim{}
		target = event.Claim
	case "answer":
		event.Answer = &CitedAnswer{}
		target = event.Answer
	case "restart":
		return event, nil
	case "error":
		return nil, errorOf(0, http.Header{}, []byte(data))
	default:
		return nil, nil
	}
	return event, json.Unmarshal([]byte(data), target)
}

// readEvents calls handle with each event until it gives an error. An end of the stream is one.
func readEvents(body io.Reader, handle func(name, data string) error) error {
	reader := bufio.NewReader(body)
	name, data := "", []string{}
	for {
		line, err := reader.ReadString('\n')
		if err != nil {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return err
		}
		line = strings.TrimRight(line, "\r\n")
		field, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case line == "":
			if len(data) > 0 {
				if err := handle(name, strings.Join(data, "\n")); err != nil {
					return err
				}
			}
			name, data = "", nil
		case field == "event":
			name = value
		case field == "data":
			data = append(data, value)
		}
	}
}
