package memcubed

import "context"

// Freeze holds a memory: no edit, no fading, no deletion until Unfreeze. The reason may be "".
func (c *Client) Freeze(ctx context.Context, memoryID, reason string, options ...CallOption) (*Memory, error) {
	return c.api.FreezeMemory(ctx, memoryID, because(reason), options...)
}

// Unfreeze ends a hold.
func (c *Client) Unfreeze(ctx context.Context, memoryID, reason string, options ...CallOption) (*Memory, error) {
	return c.api.UnfreezeMemory(ctx, memoryID, because(reason), options...)
}

// Pin keeps a memory from fading.
func (c *Client) Pin(ctx context.Context, memoryID, reason string, options ...CallOption) (*Memory, error) {
	return c.api.PinMemory(ctx, memoryID, because(reason), options...)
}

// Unpin lets a memory fade again.
func (c *Client) Unpin(ctx context.Context, memoryID, reason string, options ...CallOption) (*Memory, error) {
	return c.api.UnpinMemory(ctx, memoryID, because(reason), options...)
}

// Archive takes a memory out of the default search.
func (c *Client) Archive(ctx context.Context, memoryID, reason string, options ...CallOption) (*Memory, error) {
	return c.api.ArchiveMemory(ctx, memoryID, because(reason), options...)
}

// Restore brings an archived memory back.
func (c *Client) Restore(ctx context.Context, memoryID, reason string, options ...CallOption) (*Memory, error) {
	return c.api.RestoreMemory(ctx, memoryID, because(reason), options...)
}

func because(reason string) *ChangeReason {
	if reason == "" {
		return nil
	}
	return &ChangeReason{Reason: &reason}
}

// Portrait is what is known of the user, in short.
func (c *Client) Portrait(ctx context.Context, options ...CallOption) (*DerivedMemory, error) {
	userID := ""
	if err := c.fill(&userID); err != nil {
		return nil, err
	}
	return c.api.GetPortrait(ctx, userID, options...)
}

// Summary is that of a session.
func (c *Client) Summary(ctx context.Context, sessionID string, options ...CallOption) (*DerivedMemory, error) {
	params := GetSessionSummaryParams{}
	if err := c.fill(&params.UserID); err != nil {
		return nil, err
	}
	return c.api.GetSessionSummary(ctx, sessionID, params, options...)
}

// PutArtifact writes a version of a text or a JSON document. With IfMatch it must follow that version.
func (c *Client) PutArtifact(ctx context.Context, path string, body PutArtifact, options ...CallOption) (*Artifact, error) {
	if err := c.fill(&body.UserID); err != nil {
		return nil, err
	}
	return c.api.PutArtifact(ctx, path, body, options...)
}

// GetArtifact reads a version of an artifact; 0 is the newest.
func (c *Client) GetArtifact(ctx context.Context, path string, version int, options ...CallOption) (*Artifact, error) {
	params := GetArtifactParams{}
	if version != 0 {
		params.Version = &version
	}
	if err := c.fill(&params.UserID); err != nil {
		return nil, err
	}
	return c.api.GetArtifact(ctx, path, params, options...)
}

// DeleteArtifact removes all versions.
func (c *Client) DeleteArtifact(ctx context.Context, path string, options ...CallOption) error {
	params := DeleteArtifactParams{}
	if err := c.fill(&params.UserID); err != nil {
		return err
	}
	return c.api.DeleteArtifact(ctx, path, params, with(options, goneDone)...)
}
