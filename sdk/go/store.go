package memcubed

import (
	"context"
	"fmt"
	"time"
)

// storeTime: the service embeds the texts of items before it answers.
const storeTime = 2 * time.Minute

// StoreOperation is one of GetStoreItem, PutStoreItem, DeleteStoreItem, SearchStoreItems and ListStoreNamespaces.
// Their Op need not be set.
type StoreOperation interface {
	// named gives the operation with its name, and whether it writes.
	named() (operation any, isWrite bool)
}

func (o GetStoreItem) named() (any, bool) {
	o.Op = "get"
	return o, false
}

func (o PutStoreItem) named() (any, bool) {
	o.Op = "put"
	return o, true
}

func (o DeleteStoreItem) named() (any, bool) {
	o.Op = "delete"
	return o, true
}

func (o SearchStoreItems) named() (any, bool) {
	o.Op = "search"
	if o.NamespacePrefix == nil {
		o.NamespacePrefix = []string{} // all of them
	}
	return o, false
}

func (o ListStoreNamespaces) named() (any, bool) {
	o.Op = "list_namespaces"
	return o, false
}

// Store does up to 200 operations of the user's store, in their order and in one transaction. It gives one result
// for each.
func (c *Client) Store(ctx context.Context, operations []StoreOperation, options ...CallOption) ([]StoreResult, error) {
	body := RunStoreOperations{Operations: make([]any, len(operations))}
	if err := c.fill(&body.UserID); err != nil {
		return nil, err
	}
	// They give the same a second time unless a read comes before a write, which could give what that write left.
	hasRead, isRepeatable := false, true
	for at, operation := range operations {
		named, isWrite := operation.named()
		body.Operations[at] = named
		isRepeatable = isRepeatable && !(isWrite && hasRead)
		hasRead = hasRead || !isWrite
	}
	own := []CallOption{Timeout(storeTime), func(o *callOptions) { o.isRepeatable = isRepeatable }}
	answer, err := c.api.RunStoreOperations(ctx, body, with(own, options...)...)
	if err != nil {
		return nil, err
	}
	if len(answer.Results) != len(operations) {
		return nil, fmt.Errorf("memcubed: %d results for %d operations", len(answer.Results), len(operations))
	}
	return answer.Results, nil
}
