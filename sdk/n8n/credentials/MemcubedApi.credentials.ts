import type { IAuthenticateGeneric, ICredentialTestRequest, ICredentialType, INodeProperties } from 'n8n-workflow';

/** Where the service is, and an API key of it. */
export class MemcubedApi implements ICredentialType {
	name = 'memcubedApi';

	displayName = 'memcubed API';

	properties: INodeProperties[] = [
		{
			displayName: 'URL',
			name: 'url',
			type: 'string',
			default: 'http://127.0.0.1:8000',
			description: 'Of the service, without a path',
		},
		{ displayName: 'API Key', name: 'key', type: 'string', typeOptions: { password: true }, default: '' },
	];

	authenticate: IAuthenticateGeneric = {
		type: 'generic',
		properties: { headers: { Authorization: '=Bearer {{$credentials.key}}' } },
	};

	test: ICredentialTestRequest = { request: { baseURL: '={{$credentials.url}}', url: '/v1/me' } };
}
