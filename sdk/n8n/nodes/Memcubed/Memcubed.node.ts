import type { INodeProperties, INodeType, INodeTypeDescription } from 'n8n-workflow';

const OPERATIONS: INodeProperties = {
	displayName: 'Operation',
	name: 'operation',
	type: 'options',
	noDataExpression: true,
	default: 'search',
	options: [
		{
			name: 'Add a Turn',
			value: 'add',
			action: 'Add a turn of a conversation',
			description: 'Store what was said; memories are made of it in the background',
			routing: { request: { method: 'POST', url: '/v1/turns' } },
		},
		{
			name: 'Search',
			value: 'search',
			action: 'Search the memory of a user',
			description: 'The turns and memories that answer a question, best first',
			routing: {
				request: { method: 'POST', url: '/v1/search' },
				output: { postReceive: [{ type: 'rootProperty', properties: { property: 'items' } }] },
			},
		},
		{
			name: 'Build a Context',
			value: 'context',
			action: 'Build a context for a prompt',
			description: 'A block of text for the prompt of a model, within a budget of tokens',
			routing: { request: { method: 'POST', url: '/v1/context' } },
		},
		{
			name: 'Answer',
			value: 'answer',
			action: 'Answer a question with citations',
			description: 'What the LLM of the service answers from the memory; needs one',
			routing: { request: { method: 'POST', url: '/v1/answer' } },
		},
		{
			name: 'List Memories',
			value: 'list',
			action: 'List the memories of a user',
			description: 'What is held to be true of a user, the newest first',
			routing: {
				request: { method: 'GET', url: '/v1/memories' },
				output: { postReceive: [{ type: 'rootProperty', properties: { property: 'items' } }] },
			},
		},
		{
			name: 'Delete a Memory',
			value: 'delete',
			action: 'Delete a memory',
			description: 'Take the text of a memory out of all its versions',
			routing: { request: { method: 'DELETE', url: '=/v1/memories/{{$parameter["memoryId"]}}' } },
		},
	],
};

/** A field of the body of some operations. */
function field(
	operations: string[],
	property: string,
	more: Partial<INodeProperties> & Pick<INodeProperties, 'displayName' | 'name'>,
): INodeProperties {
	return {
		type: 'string',
		default: '',
		displayOptions: { show: { operation: operations } },
		routing: { send: { type: 'body', property } },
		...more,
	} as INodeProperties;
}

const ASKED = ['search', 'context', 'answer'];

/** memcubed in a workflow: what was said goes in, what matters comes back. */
export class Memcubed implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'memcubed',
		name: 'memcubed',
		icon: 'file:memcubed.svg',
		group: ['transform'],
		version: 1,
		subtitle: '={{$parameter["operation"]}}',
		description: 'Memory for LLM chat apps and agents',
		defaults: { name: 'memcubed' },
		inputs: ['main'],
		outputs: ['main'],
		usableAsTool: true,
		credentials: [{ name: 'memcubedApi', required: true }],
		requestDefaults: {
			baseURL: '={{$credentials.url}}',
			headers: { Accept: 'application/json', 'Content-Type': 'application/json' },
		},
		properties: [
			OPERATIONS,
			field(['add', ...ASKED], 'user_id', {
				displayName: 'User ID',
				name: 'userId',
				required: true,
				description: 'Whose memory it is',
			}),
			field(['list'], 'user_id', {
				displayName: 'User ID',
				name: 'userId',
				required: true,
				routing: { send: { type: 'query', property: 'user_id' } },
			}),
			field(['add'], 'session_id', {
				displayName: 'Session ID',
				name: 'sessionId',
				required: true,
				description: 'The conversation',
			}),
			field(['add'], 'turns[0].role', {
				displayName: 'Role',
				name: 'role',
				type: 'options',
				default: 'user',
				options: [
					{ name: 'Assistant', value: 'assistant' },
					{ name: 'System', value: 'system' },
					{ name: 'Tool', value: 'tool' },
					{ name: 'User', value: 'user' },
				],
			}),
			field(['add'], 'turns[0].content', {
				displayName: 'Content',
				name: 'content',
				required: true,
				typeOptions: { rows: 4 },
				description: 'What was said',
			}),
			field(ASKED, 'query', {
				displayName: 'Question',
				name: 'query',
				required: true,
				description: 'What is asked of the memory',
			}),
			field(['search'], 'k', {
				displayName: 'Limit',
				name: 'limit',
				type: 'number',
				default: 10,
				typeOptions: { minValue: 1, maxValue: 200 },
				description: 'Max number of results to return',
			}),
			field(['search'], 'min_relevance', {
				displayName: 'Least Relevance',
				name: 'minRelevance',
				type: 'number',
				default: 0,
				typeOptions: { minValue: 0, maxValue: 1, numberPrecision: 2 },
				description: 'Leave out what is less probably about the question',
			}),
			field(['context'], 'max_tokens', {
				displayName: 'Most Tokens',
				name: 'maxTokens',
				type: 'number',
				default: 1000,
				typeOptions: { minValue: 1 },
				description: 'How long the text may be',
			}),
			field(['delete'], '', {
				displayName: 'Memory ID',
				name: 'memoryId',
				required: true,
				routing: undefined,
			}),
		],
	};
}
