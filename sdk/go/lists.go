package memcubed

import (
	"context"
	"iter"
)

// Memories iterates over all pages. Limit is the size of a page.
func (c *Client) Memories(ctx context.Context, params ListMemoriesParams, options ...CallOption) iter.Seq2[*Memory, error] {
	return list(c, &params.UserID, func(cursor *string) ([]Memory, *string, error) {
		params.Cursor = cursor
		page, err := c.api.ListMemories(ctx, params, options...)
		if err != nil {
			return nil, nil, err
		}
		return page.Items, page.NextCursor, nil
	})
}

// Turns iterates over all pages.
func (c *Client) Turns(ctx context.Context, params ListTurnsParams, options ...CallOption) iter.Seq2[*Turn, error] {
	return list(c, &params.UserID, func(cursor *string) ([]Turn, *string, error) {
		params.Cursor = cursor
		page, err := c.api.ListTurns(ctx, params, options...)
		if err != nil {
			return nil, nil, err
		}
		return page.Items, page.NextCursor, nil
	})
}

// Users iterates over all pages of the tenant's users.
func (c *Client) Users(ctx context.Context, params ListUsersParams, options ...CallOption) iter.Seq2[*ListedUser, error] {
	return pages(func(cursor *string) ([]ListedUser, *string, error) {
		params.Cursor = cursor
		page, err := c.api.ListUsers(ctx, params, options...)
		if err != nil {
			return nil, nil, err
		}
		return page.Items, page.NextCursor, nil
	})
}

// Sessions iterates over all pages, the newest first.
func (c *Client) Sessions(
	ctx context.Context, params ListSessionsParams, options ...CallOption,
) iter.Seq2[*ListedSession, error] {
	return list(c, &params.UserID, func(cursor *string) ([]ListedSession, *string, error) {
		params.Cursor = cursor
		page, err := c.api.ListSessions(ctx, params, options...)
		if err != nil {
			return nil, nil, err
		}
		return page.Items, page.NextCursor, nil
	})
}

// Artifacts iterates over all pages.
func (c *Client) Artifacts(
	ctx context.Context, params ListArtifactsParams, options ...CallOption,
) iter.Seq2[*ArtifactVersion, error] {
	return list(c, &params.UserID, func(cursor *string) ([]ArtifactVersion, *string, error) {
		params.Cursor = cursor
		page, err := c.api.ListArtifacts(ctx, params, options...)
		if err != nil {
			return nil, nil, err
		}
		return page.Items, page.NextCursor, nil
	})
}

// list asks for the next page when the one before is used up. After an error nothing follows.
func list[T any](c *Client, userID *string, read func(cursor *string) ([]T, *string, error)) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		if err := c.fill(userID); err != nil {
			yield(nil, err)
			return
		}
		pages(read)(yield)
	}
}

func pages[T any](read func(cursor *string) ([]T, *string, error)) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		var cursor *string
		for {
			items, next, err := read(cursor)
			if err != nil {
				yield(nil, err)
				return
			}
			for n := range items {
				if !yield(&items[n], nil) {
					return
				}
			}
			if next == nil {
				return
			}
			cursor = next
		}
	}
}

// Collect reads the items of an iterator, at most limit of them if that is more than 0.
func Collect[T any](items iter.Seq2[*T, error], limit int) ([]T, error) {
	var all []T
	for item, err := range items {
		if err != nil {
			return all, err
		}
		all = append(all, *item)
		if limit > 0 && len(all) >= limit {
			break
		}
	}
	return all, nil
}
