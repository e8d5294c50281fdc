// Every method of the client against the running service.
package tests

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"memcubed.internal/go"
)

var ctx = context.Background()

func must[T any](value T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func is(t *testing.T, got, wanted any) {
	t.Helper()
	if !reflect.DeepEqual(got, wanted) {
		t.Fatalf("%v is not %v", got, wanted)
	}
}

func fails(t *testing.T, err, family error) {
	t.Helper()
	if !errors.Is(err, family) {
		t.Fatalf("%v is not %v", err, family)
	}
}

// of gives a client of a new user of the running service; without one the test is not run.
func of(t *testing.T) *memcubed.Client {
	t.Helper()
	if os.Getenv("MEMCUBED_API_KEY") == "" {
		t.Skip("no service is named: MEMCUBED_URL, MEMCUBED_API_KEY")
	}
	return must(memcubed.New(memcubed.Options{}))(t).User("go-" + strings.ToLower(rand.Text()))
}

func remember(t *testing.T, contents ...string) (*memcubed.Client, []*memcubed.Memory) {
	t.Helper()
	user := of(t)
	var memories []*memcubed.Memory
	for _, content := range contents {
		memories = append(memories, must(user.AddMemory(ctx, memcubed.CreateMemory{Content: content}))(t))
	}
	return user, memories
}

func said(session string, contents ...string) memcubed.AddTurns {
	body := memcubed.AddTurns{SessionID: session}
	for _, content := range contents {
		body.Turns = append(body.Turns, memcubed.Said(content))
	}
	return body
}

func TestTurns(t *testing.T) {
	user := of(t)
	added := must(user.Add(ctx, said("monday", "My cat is called Mimi and she likes tuna.")))(t)
	is(t, must(user.Wait(ctx, added.JobID))(t).Status, memcubed.JobStatusSucceeded)
	found := must(user.Search(ctx, memcubed.SearchMemory{Query: "What does the cat like?", K: memcubed.Ptr(3)}))(t)
	if !strings.Contains(found.Items[0].Content, "tuna") {
		t.Fatal(found.Items)
	}
	block := must(user.Context(ctx, memcubed.BuildContext{Query: "What does the cat like?", MaxTokens: memcubed.Ptr(200)}))(t)
	if !strings.Contains(block.Text, "tuna") {
		t.Fatal(block.Text)
	}
	turns := must(memcubed.Collect(user.Turns(ctx, memcubed.ListTurnsParams{}), 0))(t)
	is(t, []string{string(turns[0].Role), turns[0].SessionID, turns[0].ID}, []string{"user", "monday", added.TurnIDs[0]})
}

func TestTurnsOnceMore(t *testing.T) {
	user := of(t)
	body := said("s", "Hello.")
	body.Turns[0].Ref = memcubed.Ptr("a")
	first := must(user.Add(ctx, body))(t)
	is(t, must(user.Add(ctx, body))(t).Duplicates, 1)
	key := memcubed.IdempotencyKey(rand.Text())
	once := must(user.Add(ctx, said("s", "I sing.", "I dance."), key))(t)
	is(t, must(user.Add(ctx, said("s", "I sing.", "I dance."), key))(t), once)
	_, err := user.Add(ctx, said("s", "Other."), key)
	fails(t, err, memcubed.ErrConflict)
	is(t, user.DeleteTurn(ctx, first.TurnIDs[0]), nil)
	fails(t, user.DeleteTurn(ctx, first.TurnIDs[0]), memcubed.ErrNotFound)
}

func TestWaiting(t *testing.T) {
	user := of(t)
	added := must(user.Add(ctx, said("s", "I play the cello.")))(t)
	search := memcubed.SearchMemory{Query: "instrument", WaitFor: &added.JobID, WaitSeconds: memcubed.Ptr(20.0)}
	found := must(user.Search(ctx, search, memcubed.Timeout(2*time.Second)))(t)
	is(t, *found.Waited, true)
	short, cancel := context.WithTimeout(ctx, time.Millisecond)
	defer cancel()
	_, err := user.Wait(short, added.JobID)
	var late *memcubed.WaitTimeoutError
	if !errors.As(err, &late) || late.JobID != added.JobID {
		t.Fatal(err)
	}
	_, err = user.Wait(ctx, "01900000-0000-7000-8000-000000000000")
	fails(t, err, memcubed.ErrNotFound)
}

func TestStore(t *testing.T) {
	user, other := of(t), of(t)
	namespace := []string{"recipes"}
	get := memcubed.GetStoreItem{Namespace: namespace, Key: "soup"}
	value := map[string]any{"n": 1.0, "ø": nil}
	results := must(user.Store(ctx, []memcubed.StoreOperation{
		get,
		memcubed.PutStoreItem{
			Namespace: namespace, Key: "soup", Value: value, Texts: []memcubed.ItemText{{Path: "t", Text: "Soup"}},
		},
		memcubed.SearchStoreItems{Query: memcubed.Ptr("broth")},
		memcubed.ListStoreNamespaces{},
	}))(t)
	is(t, []*memcubed.StoredItem{results[0].Item, results[1].Item}, []*memcubed.StoredItem{nil, nil})
	is(t, results[2].Items[0].Value, value)
	if *results[2].Items[0].Score <= 0 {
		t.Fatal(results[2].Items)
	}
	is(t, results[3].Namespaces, [][]string{namespace})
	is(t, must(user.Store(ctx, []memcubed.StoreOperation{get}))(t)[0].Item.Key, "soup")
	is(t, must(other.Store(ctx, []memcubed.StoreOperation{get}))(t)[0].Item == nil, true)
	gone := []memcubed.StoreOperation{memcubed.DeleteStoreItem{Namespace: namespace, Key: "soup"}, get}
	is(t, must(user.Store(ctx, gone))(t)[1].Item == nil, true)
	for _, count := range []int{0, 201} {
		_, err := user.Store(ctx, slices.Repeat([]memcubed.StoreOperation{get}, count))
		fails(t, err, memcubed.ErrInvalidRequest)
		var problem *memcubed.Error
		if !errors.As(err, &problem) || problem.Errors[0].Field != "operations" {
			t.Fatal(err)
		}
	}
	_, err := must(memcubed.New(memcubed.Options{}))(t).Store(ctx, gone)
	fails(t, err, memcubed.ErrNoUser)
}

func TestLists(t *testing.T) {
	contents := []string{}
	for n := range 7 {
		contents = append(contents, fmt.Sprintf("Fact number %d of the list.", n))
	}
	user, memories := remember(t, contents...)
	seen := map[string]bool{}
	for memory, err := range user.Memories(ctx, memcubed.ListMemoriesParams{Limit: memcubed.Ptr(2)}) {
		if err != nil {
			t.Fatal(err)
		}
		seen[memory.ID] = true
	}
	is(t, len(seen), len(memories))
	is(t, len(must(memcubed.Collect(user.Memories(ctx, memcubed.ListMemoriesParams{Limit: memcubed.Ptr(2)}), 3))(t)), 3)
	is(t, len(must(memcubed.Collect(of(t).Memories(ctx, memcubed.ListMemoriesParams{}), 0))(t)), 0)
	wrong := memcubed.ListMemoriesParams{Limit: memcubed.Ptr(0)}
	count := 0
	for _, err := range user.Memories(ctx, wrong) {
		count++
		fails(t, err, memcubed.ErrInvalidRequest)
	}
	is(t, count, 1)
}

func TestFilters(t *testing.T) {
	user := of(t)
	must(user.AddMemory(ctx, memcubed.CreateMemory{Content: "Runs.", Tags: []string{"sport", "run"}, Metadata: map[string]any{"level": 2}}))(t)
	kind := memcubed.MemoryKindPreference
	must(user.AddMemory(ctx, memcubed.CreateMemory{Content: "Swims.", Tags: []string{"sport"}, Kind: &kind}))(t)
	for wanted, params := range map[int]memcubed.ListMemoriesParams{
		1: {Tags: []string{"sport", "run"}},
		2: {Kinds: []memcubed.MemoryKind{"fact", "preference"}, KnownAt: memcubed.Ptr(time.Now().Add(time.Second))},
		0: {Metadata: memcubed.Ptr(`{"field": "level", "op": "gt", "value": 2}`)},
	} {
		is(t, len(must(memcubed.Collect(user.Memories(ctx, params), 0))(t)), wanted)
	}
}

func TestMemory(t *testing.T) {
	user, memories := remember(t, "Lives in Bergen.")
	id := memories[0].ID
	set := func(fields memcubed.UpdateMemory) func(*memcubed.Memory) (*memcubed.UpdateMemory, error) {
		return func(*memcubed.Memory) (*memcubed.UpdateMemory, error) { return &fields, nil }
	}
	written := must(user.Update(ctx, id, set(memcubed.UpdateMemory{Content: memcubed.Ptr("Lives in Oslo."), Reason: memcubed.Ptr("moved")})))(t)
	is(t, []any{written.Content, written.Version}, []any{"Lives in Oslo.", 2})
	tomorrow := time.Now().Add(24 * time.Hour).Truncate(time.Microsecond)
	written = must(user.Update(ctx, id, set(memcubed.UpdateMemory{ExpiresAt: &memcubed.NullTime{Time: tomorrow, Valid: true}, Tags: []string{"home"}})))(t)
	is(t, written.ExpiresAt.Equal(tomorrow), true)
	written = must(user.Update(ctx, id, set(memcubed.UpdateMemory{ExpiresAt: &memcubed.NullTime{}, Tags: []string{}})))(t)
	is(t, []any{written.ExpiresAt == nil, len(written.Tags)}, []any{true, 0})
	is(t, must(user.Update(ctx, id, func(*memcubed.Memory) (*memcubed.UpdateMemory, error) { return nil, nil }))(t).Version, 4)
	mine := errors.New("mine")
	_, err := user.Update(ctx, id, func(*memcubed.Memory) (*memcubed.UpdateMemory, error) { return nil, mine })
	fails(t, err, mine)
	is(t, len(must(user.History(ctx, id))(t).Items), 4)
	is(t, len(must(user.Sources(ctx, id))(t)) > 0, true)
	is(t, must(user.Get(ctx, id))(t).Content, "Lives in Oslo.")
	is(t, user.Delete(ctx, id), nil)
	_, err = user.Get(ctx, id)
	fails(t, err, memcubed.ErrNotFound)
}

func TestUpdatesAtTheSameTime(t *testing.T) {
	user, memories := remember(t, "Has friends.")
	names := []string{"Ann", "Bo", "Cy", "Di"}
	var wait sync.WaitGroup
	for _, name := range names {
		wait.Go(func() {
			_, err := user.Update(ctx, memories[0].ID, func(m *memcubed.Memory) (*memcubed.UpdateMemory, error) {
				return &memcubed.UpdateMemory{Tags: append(m.Tags, name)}, nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	memory := must(user.Get(ctx, memories[0].ID))(t)
	slices.Sort(memory.Tags)
	is(t, []any{memory.Tags, memory.Version}, []any{names, 5})
}

func TestAnUpdateThatAlwaysLoses(t *testing.T) {
	user, memories := remember(t, "Is contested.")
	asked := 0
	_, err := user.Update(ctx, memories[0].ID, func(m *memcubed.Memory) (*memcubed.UpdateMemory, error) {
		asked++
		_, err := user.Update(ctx, m.ID, func(*memcubed.Memory) (*memcubed.UpdateMemory, error) {
			return &memcubed.UpdateMemory{Importance: memcubed.Ptr(0.1 + float64(asked)/100)}, nil
		})
		return &memcubed.UpdateMemory{Importance: memcubed.Ptr(0.9)}, err
	})
	fails(t, err, memcubed.ErrPreconditionFailed)
	fails(t, err, memcubed.ErrConflict)
	is(t, asked, 10)
}

func TestStates(t *testing.T) {
	user, memories := remember(t, "Is handled.")
	id := memories[0].ID
	is(t, must(user.Freeze(ctx, id, "case 7"))(t).Frozen, true)
	_, err := user.Update(ctx, id, func(*memcubed.Memory) (*memcubed.UpdateMemory, error) {
		return &memcubed.UpdateMemory{Content: memcubed.Ptr("Other.")}, nil
	})
	fails(t, err, memcubed.ErrConflict)
	is(t, must(user.Unfreeze(ctx, id, ""))(t).Frozen, false)
	is(t, must(user.Pin(ctx, id, ""))(t).Pinned, true)
	is(t, must(user.Unpin(ctx, id, ""))(t).Pinned, false)
	is(t, must(user.Archive(ctx, id, "old"))(t).Status, memcubed.MemoryStatusArchived)
	is(t, must(user.Restore(ctx, id, ""))(t).Status, memcubed.MemoryStatusActivated)
}

func TestForgetAndFeedback(t *testing.T) {
	user, memories := remember(t, "Likes tea.")
	is(t, len(must(user.Forget(ctx, memcubed.PlanForgetting{}))(t).Items), 0)
	later := time.Date(2060, 1, 1, 0, 0, 0, 0, time.UTC)
	is(t, len(must(user.Forget(ctx, memcubed.PlanForgetting{ReferenceTime: &later}))(t).Items), 1)
	job := must(user.Forget(ctx, memcubed.PlanForgetting{DryRun: memcubed.Ptr(false)}))(t).JobID
	must(user.Wait(ctx, *job))(t)
	found := must(user.Search(ctx, memcubed.SearchMemory{Query: "tea"}))(t)
	cited := []string{memories[0].ID}
	is(t, must(user.Feedback(ctx, *found.RetrievalID, cited))(t).CitedIDs, cited)
}

func TestSessions(t *testing.T) {
	user := of(t)
	session := "a/b c"
	is(t, must(user.State(ctx, session))(t) == nil, true)
	count := func(state *memcubed.SessionStateVersion) (*memcubed.SessionState, error) {
		n, _ := state.State.Data["n"].(float64)
		return &memcubed.SessionState{Data: map[string]any{"n": n + 1}}, nil
	}
	is(t, must(user.UpdateState(ctx, session, count))(t).Version, 1)
	is(t, must(user.UpdateState(ctx, session, count))(t).Version, 2)
	goals := func(*memcubed.SessionStateVersion) (*memcubed.SessionState, error) {
		return &memcubed.SessionState{Goals: []memcubed.SessionGoal{{Text: "Book a flight"}}}, nil
	}
	is(t, must(user.UpdateState(ctx, session, goals))(t).Version, 3)
	is(t, must(user.State(ctx, session))(t).State.Data["n"], 2.0)
	none := func(*memcubed.SessionStateVersion) (*memcubed.SessionState, error) { return nil, nil }
	is(t, must(user.UpdateState(ctx, session, none))(t).Version, 3)
	is(t, must(user.UpdateState(ctx, "other", none))(t) == nil, true)
	_, err := user.Summary(ctx, session)
	fails(t, err, memcubed.ErrNotFound)
	_, err = user.Portrait(ctx)
	fails(t, err, memcubed.ErrNotFound)
}

func TestUsersAndTheEndOfASession(t *testing.T) {
	user := of(t)
	must(user.Wait(ctx, must(user.Add(ctx, said("a/b", "I row.")))(t).JobID))(t)
	must(user.Wait(ctx, must(user.Add(ctx, said("later", "I ski.")))(t).JobID))(t)
	users := must(memcubed.Collect(user.Users(ctx, memcubed.ListUsersParams{Prefix: memcubed.Ptr(user.UserID())}), 0))(t)
	is(t, []any{len(users), users[0].UserID}, []any{1, user.UserID()})
	sessions := must(memcubed.Collect(user.Sessions(ctx, memcubed.ListSessionsParams{Limit: memcubed.Ptr(1)}), 0))(t)
	is(t, []any{len(sessions), sessions[1].SessionID}, []any{2, "a/b"})
	is(t, must(user.DeleteSession(ctx, "a/b"))(t).SessionID, "a/b")
	is(t, len(must(memcubed.Collect(user.Turns(ctx, memcubed.ListTurnsParams{}), 0))(t)), 1)
	is(t, len(must(user.Me(ctx))(t).Scopes), 3)
}

func TestArtifacts(t *testing.T) {
	user := of(t)
	path := "src/ä b/main+1%.py"
	text := func(content any) memcubed.PutArtifact { return memcubed.PutArtifact{Content: content} }
	is(t, must(user.PutArtifact(ctx, path, text("print(1)")))(t).Version, 1)
	is(t, must(user.PutArtifact(ctx, path, text("print(2)"), memcubed.IfMatch(1)))(t).Version, 2)
	_, err := user.PutArtifact(ctx, path, text("print(3)"), memcubed.IfMatch(1))
	fails(t, err, memcubed.ErrPreconditionFailed)
	plan := map[string]any{"steps": []any{"a", map[string]any{"b": []any{1.0, nil, true}}}}
	must(user.PutArtifact(ctx, "plan.json", text(plan)))(t)
	is(t, must(user.GetArtifact(ctx, path, 0))(t).Content, any("print(2)"))
	is(t, must(user.GetArtifact(ctx, path, 1))(t).Content, any("print(1)"))
	is(t, must(user.GetArtifact(ctx, "plan.json", 0))(t).Content, any(plan))
	is(t, len(must(memcubed.Collect(user.Artifacts(ctx, memcubed.ListArtifactsParams{Prefix: memcubed.Ptr("src/")}), 0))(t)), 1)
	is(t, user.DeleteArtifact(ctx, path), nil)
	_, err = user.GetArtifact(ctx, path, 0)
	fails(t, err, memcubed.ErrNotFound)
}

func TestBundlesAndErasure(t *testing.T) {
	user, memories := remember(t, "Grows tomatoes in Ålesund.")
	var bundle bytes.Buffer
	is(t, user.ExportBundle(ctx, &bundle, false), nil)
	is(t, must(user.Erase(ctx))(t).UserID, user.UserID())
	is(t, len(must(memcubed.Collect(user.Memories(ctx, memcubed.ListMemoriesParams{}), 0))(t)), 0)
	is(t, must(user.ImportBundle(ctx, &bundle, ""))(t).Added["memory"], 1)
	is(t, must(user.Get(ctx, memories[0].ID))(t).Content, "Grows tomatoes in Ålesund.")
	_, err := user.ImportBundle(ctx, strings.NewReader("{}\n"), "")
	fails(t, err, memcubed.ErrInvalidRequest)
}

func TestUsersOfAllKinds(t *testing.T) {
	for _, name := range []string{"a/b", "ä ö?&#%41", "日本", "a+b", "a b", "'\"<>", "{x}"} {
		user := of(t)
		user = user.User(name + user.UserID())
		must(user.AddMemory(ctx, memcubed.CreateMemory{Content: "Is here."}))(t)
		is(t, len(must(memcubed.Collect(user.Memories(ctx, memcubed.ListMemoriesParams{}), 0))(t)), 1)
		_, err := user.Portrait(ctx)
		fails(t, err, memcubed.ErrNotFound)
		is(t, must(user.Erase(ctx))(t).UserID, user.UserID())
	}
}

func TestErrors(t *testing.T) {
	user := of(t)
	_, err := user.Search(ctx, memcubed.SearchMemory{})
	var problem *memcubed.Error
	if !errors.As(err, &problem) {
		t.Fatal(err)
	}
	is(t, []any{problem.Status, problem.Code, problem.Field, len(problem.RequestID)}, []any{422, "invalid_input", "query", 32})
	is(t, problem.Errors[0].Field, "query")
	_, err = must(memcubed.New(memcubed.Options{Key: "mc_wrong", UserID: "x"}))(t).Get(ctx, "x")
	fails(t, err, memcubed.ErrAuthentication)
	created := must(user.API().CreateKey(ctx, memcubed.CreateKey{Name: "reader", Scopes: []memcubed.KeyScope{"read"}, UserID: memcubed.Ptr(user.UserID())}))(t)
	reader := must(memcubed.New(memcubed.Options{Key: created.Key, UserID: user.UserID()}))(t)
	_, err = reader.Add(ctx, said("s", "Hello."))
	fails(t, err, memcubed.ErrPermissionDenied)
	is(t, user.API().RevokeKey(ctx, created.ID), nil)
	_, err = user.User("").Search(ctx, memcubed.SearchMemory{Query: "x"})
	fails(t, err, memcubed.ErrNoUser)
}

func TestAnswers(t *testing.T) {
	if os.Getenv("MEMCUBED_LLM") == "" {
		t.Skip("the service has no model")
	}
	user, memories := remember(t, "Ann keeps her bees on the roof in Oslo.")
	question := memcubed.AnswerQuestion{Query: "Where does Ann keep her bees?"}
	answer := must(user.Answer(ctx, question))(t)
	is(t, *answer.Answer, "On the roof in Oslo.")
	is(t, answer.Claims[0].CitedIDs, []string{memories[0].ID})
	var types []string
	for event, err := range user.AnswerStream(ctx, question) {
		if err != nil {
			t.Fatal(err)
		}
		types = append(types, event.Type)
		if event.Type == "answer" {
			is(t, event.Answer.Claims, answer.Claims)
		}
	}
	is(t, types, []string{"shown", "claim", "answer"})
	for event := range user.AnswerStream(ctx, question) {
		is(t, event.Type, "shown")
		break
	}
}
