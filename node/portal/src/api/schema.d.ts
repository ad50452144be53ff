export interface paths {
    "/api/v1/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** See who is signed in */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "name": "Nora Brandt",
                         *       "role": "physician",
                         *       "staffId": "sf-1f6c9b2e",
                         *       "patientId": "pt-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "delegateId": "dg-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "organization": {
                         *         "mspId": "NorthMSP",
                         *         "kind": "hospital",
                         *         "displayName": "Nora Brandt"
                         *       },
                         *       "channel": "health",
                         *       "expiresAt": "2026-03-01T08:00:00Z",
                         *       "stepUpUntil": "2026-03-01T08:00:00Z",
                         *       "credentialId": "aGVhbHRoc2hhcmU"
                         *     }
                         */
                        "application/json": components["schemas"]["SessionView"];
                    };
                };
            };
        };
        put?: never;
        /** Sign in with a passkey */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    /**
                     * @example {
                     *       "credential": {}
                     *     }
                     */
                    "application/json": components["schemas"]["PasskeyAnswer"];
                };
            };
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "name": "Nora Brandt",
                         *       "role": "physician",
                         *       "staffId": "sf-1f6c9b2e",
                         *       "patientId": "pt-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "delegateId": "dg-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "organization": {
                         *         "mspId": "NorthMSP",
                         *         "kind": "hospital",
                         *         "displayName": "Nora Brandt"
                         *       },
                         *       "channel": "health",
                         *       "expiresAt": "2026-03-01T08:00:00Z",
                         *       "stepUpUntil": "2026-03-01T08:00:00Z",
                         *       "credentialId": "aGVhbHRoc2hhcmU"
                         *     }
                         */
                        "application/json": components["schemas"]["SessionView"];
                    };
                };
                /** @description Unauthorized */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 401,
                         *       "title": "no session and no token, or none that is good",
                         *       "code": "auth.unauthenticated",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Forbidden */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 403,
                         *       "title": "the role may not call this",
                         *       "code": "auth.forbidden",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Too Many Requests */
                429: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 429,
                         *       "title": "too many requests at once; Retry-After says when to come back",
                         *       "code": "request.too_many",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        /** Sign out */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description No Content */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/session/options": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Begin to sign in: options for the browser's passkey */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "challenge": "aGVhbHRoc2hhcmU",
                         *       "timeout": 120000,
                         *       "rpId": "north.example",
                         *       "userVerification": "required"
                         *     }
                         */
                        "application/json": components["schemas"]["JsonElement"];
                    };
                };
                /** @description Forbidden */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 403,
                         *       "title": "the role may not call this",
                         *       "code": "auth.forbidden",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/session/step-up/options": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Begin a fresh use of the passkey */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "challenge": "aGVhbHRoc2hhcmU",
                         *       "timeout": 120000,
                         *       "rpId": "north.example",
                         *       "userVerification": "required"
                         *     }
                         */
                        "application/json": components["schemas"]["JsonElement"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/session/step-up": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Use the passkey afresh, for what asks for that */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    /**
                     * @example {
                     *       "credential": {}
                     *     }
                     */
                    "application/json": components["schemas"]["PasskeyAnswer"];
                };
            };
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "name": "Nora Brandt",
                         *       "role": "physician",
                         *       "staffId": "sf-1f6c9b2e",
                         *       "patientId": "pt-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "delegateId": "dg-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "organization": {
                         *         "mspId": "NorthMSP",
                         *         "kind": "hospital",
                         *         "displayName": "Nora Brandt"
                         *       },
                         *       "channel": "health",
                         *       "expiresAt": "2026-03-01T08:00:00Z",
                         *       "stepUpUntil": "2026-03-01T08:00:00Z",
                         *       "credentialId": "aGVhbHRoc2hhcmU"
                         *     }
                         */
                        "application/json": components["schemas"]["SessionView"];
                    };
                };
                /** @description Unauthorized */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 401,
                         *       "title": "no session and no token, or none that is good",
                         *       "code": "auth.unauthenticated",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Too Many Requests */
                429: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 429,
                         *       "title": "too many requests at once; Retry-After says when to come back",
                         *       "code": "request.too_many",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List one's own sessions, on whatever device */
        get: {
            parameters: {
                query?: {
                    /** @description What an earlier page of this list gave for the next one. */
                    cursor?: string;
                    /** @description Items of a page, 1 to 500; 200 unless told. */
                    limit?: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "items": [
                         *         {
                         *           "id": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *           "current": false,
                         *           "createdAt": "2026-03-01T08:00:00Z",
                         *           "lastSeenAt": "2026-03-01T08:00:00Z",
                         *           "expiresAt": "2026-03-01T08:00:00Z",
                         *           "userAgent": "Firefox"
                         *         }
                         *       ],
                         *       "next": "aGVhbHRoc2hhcmU"
                         *     }
                         */
                        "application/json": components["schemas"]["OwnSessions"];
                    };
                };
                /** @description Bad Request */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 400,
                         *       "title": "a value, the body, a cursor or an id of an event is not as it should be",
                         *       "code": "request.invalid",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sessions/{sessionId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End one of one's own sessions */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    sessionId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description No Content */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/invitations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List invitations, newest first */
        get: {
            parameters: {
                query?: {
                    /** @description What an earlier page of this list gave for the next one. */
                    cursor?: string;
                    /** @description Items of a page, 1 to 500; 200 unless told. */
                    limit?: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "items": [
                         *         {
                         *           "id": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *           "role": "physician",
                         *           "displayName": "Nora Brandt",
                         *           "staffId": "sf-1f6c9b2e",
                         *           "patientId": "pt-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *           "delegateId": "dg-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *           "createdBy": "text",
                         *           "createdAt": "2026-03-01T08:00:00Z",
                         *           "expiresAt": "2026-03-01T08:00:00Z",
                         *           "usedAt": "2026-03-01T08:00:00Z"
                         *         }
                         *       ],
                         *       "next": "aGVhbHRoc2hhcmU"
                         *     }
                         */
                        "application/json": components["schemas"]["InvitationPage"];
                    };
                };
                /** @description Bad Request */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 400,
                         *       "title": "a value, the body, a cursor or an id of an event is not as it should be",
                         *       "code": "request.invalid",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        put?: never;
        /** Invite a colleague or a patient to enrol a passkey by a one-time link */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description The same request with the same key has no second effect and, for a day, the same answer. */
                    "Idempotency-Key"?: string;
                };
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    /**
                     * @example {
                     *       "role": "physician",
                     *       "displayName": "Nora Brandt",
                     *       "staffId": "sf-1f6c9b2e",
                     *       "patientId": "pt-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                     *       "delegateId": "dg-aaaaaaaaaaaaaaaaaaaaaaaaaa"
                     *     }
                     */
                    "application/json": components["schemas"]["NewInvitation"];
                };
            };
            responses: {
                /** @description Created */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "id": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "link": "https://north.example/enrol#aGVhbHRoc2hhcmU",
                         *       "expiresAt": "2026-03-01T08:00:00Z",
                         *       "staffId": "sf-1f6c9b2e"
                         *     }
                         */
                        "application/json": components["schemas"]["CreatedInvitation"];
                    };
                };
                /** @description Bad Request */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 400,
                         *       "title": "a value, the body, a cursor or an id of an event is not as it should be",
                         *       "code": "request.invalid",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Forbidden */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 403,
                         *       "title": "the role may not call this",
                         *       "code": "auth.forbidden",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/invitations/{invitationId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Withdraw an invitation that nobody has used */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    invitationId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description No Content */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/enrolments/options": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Begin to enrol a passkey by a one-time link */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    /**
                     * @example {
                     *       "token": "text"
                     *     }
                     */
                    "application/json": components["schemas"]["EnrolmentToken"];
                };
            };
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "displayName": "Nora Brandt",
                         *       "role": "physician",
                         *       "organization": {
                         *         "mspId": "NorthMSP",
                         *         "kind": "hospital",
                         *         "displayName": "Nora Brandt"
                         *       },
                         *       "options": {}
                         *     }
                         */
                        "application/json": components["schemas"]["BegunEnrolment"];
                    };
                };
                /** @description Forbidden */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 403,
                         *       "title": "the role may not call this",
                         *       "code": "auth.forbidden",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/enrolments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Enrol a passkey by a one-time link, and sign in */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    /**
                     * @example {
                     *       "token": "text",
                     *       "credential": {}
                     *     }
                     */
                    "application/json": components["schemas"]["NewEnrolment"];
                };
            };
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "name": "Nora Brandt",
                         *       "role": "physician",
                         *       "staffId": "sf-1f6c9b2e",
                         *       "patientId": "pt-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "delegateId": "dg-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "organization": {
                         *         "mspId": "NorthMSP",
                         *         "kind": "hospital",
                         *         "displayName": "Nora Brandt"
                         *       },
                         *       "channel": "health",
                         *       "expiresAt": "2026-03-01T08:00:00Z",
                         *       "stepUpUntil": "2026-03-01T08:00:00Z",
                         *       "credentialId": "aGVhbHRoc2hhcmU"
                         *     }
                         */
                        "application/json": components["schemas"]["SessionView"];
                    };
                };
                /** @description Unauthorized */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 401,
                         *       "title": "no session and no token, or none that is good",
                         *       "code": "auth.unauthenticated",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Forbidden */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 403,
                         *       "title": "the role may not call this",
                         *       "code": "auth.forbidden",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Conflict */
                409: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 409,
                         *       "title": "another check of the contents runs",
                         *       "code": "content.check_running",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Service Unavailable */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 503,
                         *       "title": "the content cannot be fetched now",
                         *       "code": "content.not_here_yet",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/second-keys/pages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the sites where a patient can make a second passkey, and sign with it */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "items": [
                         *         "text"
                         *       ]
                         *     }
                         */
                        "application/json": components["schemas"]["SecondKeyOrigins"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/incidents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * See where the ledger and this node's own checks disagree, newest first
         * @description At most 1000 a page, 100 unless told. kind=own leaves out what other members report, kind=reported all else; the codes of reports begin with reported. The next page is in the header Link.
         */
        get: {
            parameters: {
                query?: {
                    kind?: string;
                    /** @description What an earlier page of this list gave for the next one. */
                    cursor?: string;
                    /** @description Items of a page, 1 to 1000; 100 unless told. */
                    limit?: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example [
                         *       {
                         *         "happenedAt": "2026-03-01T08:00:00Z",
                         *         "code": "permit.signed",
                         *         "patientId": "pt-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *         "subject": "text",
                         *         "detail": "text"
                         *       }
                         *     ]
                         */
                        "application/json": components["schemas"]["Incident"][];
                    };
                };
                /** @description Bad Request */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 400,
                         *       "title": "a value, the body, a cursor or an id of an event is not as it should be",
                         *       "code": "request.invalid",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/patients/{patientId}/handles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take up a one-time code that the patient signed, and get its short form for typing
         * @description What the patient had open at this hospital before is over, the QR as well as the short form. Other hospitals know nothing of it: there an earlier QR is good until it expires.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    patientId: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    /**
                     * @example {
                     *       "handle": "text"
                     *     }
                     */
                    "application/json": components["schemas"]["NewHandle"];
                };
            };
            responses: {
                /** @description Created */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "code": "permit.signed",
                         *       "expiresAt": "2026-03-01T08:00:00Z"
                         *     }
                         */
                        "application/json": components["schemas"]["OpenHandle"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Unprocessable Entity */
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 422,
                         *       "title": "the same Idempotency-Key came with another request",
                         *       "code": "request.idempotency_key_reused",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Too Many Requests */
                429: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 429,
                         *       "title": "too many requests at once; Retry-After says when to come back",
                         *       "code": "request.too_many",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/patient-handles/redemption": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Use a patient's one-time code up, and learn who the patient is
         * @description What the QR says is good at any hospital: the patient's passkey signed it, and each node takes it once. The short form is good at the patient's own hospital. The patient is told, at the node where the code was used.
         */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description The same request with the same key has no second effect and, for a day, the same answer. */
                    "Idempotency-Key"?: string;
                };
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    /**
                     * @example {
                     *       "handle": "text"
                     *     }
                     */
                    "application/json": components["schemas"]["GivenHandle"];
                };
            };
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "patientId": "pt-aaaaaaaaaaaaaaaaaaaaaaaaaa"
                         *     }
                         */
                        "application/json": components["schemas"]["HandlePatient"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Too Many Requests */
                429: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 429,
                         *       "title": "too many requests at once; Retry-After says when to come back",
                         *       "code": "request.too_many",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/receipts/signatures": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign, for a receipt, that a transaction is committed and valid
         * @description For other members' nodes. Whoever asks must know all that is signed, so nobody learns anything here.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    /**
                     * @example {
                     *       "channel": "health",
                     *       "block": 1,
                     *       "headerHash": "text",
                     *       "transactionId": "6e0a4f0c2b",
                     *       "envelopeHash": "text",
                     *       "patientId": "pt-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                     *       "delegateId": "dg-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                     *       "credential": {
                     *         "credentialId": "aGVhbHRoc2hhcmU",
                     *         "publicKey": "aGVhbHRoc2hhcmU",
                     *         "rpId": "north.example",
                     *         "origins": [
                     *           "https://north.example"
                     *         ]
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["ReceiptQuestion"];
                };
            };
            responses: {
                /** @description Accepted */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 202,
                         *       "title": "no other member's node has it yet",
                         *       "code": "receipt.not_committed",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Conflict */
                409: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 409,
                         *       "title": "another check of the contents runs",
                         *       "code": "content.check_running",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Too Many Requests */
                429: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 429,
                         *       "title": "too many requests at once; Retry-After says when to come back",
                         *       "code": "request.too_many",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/patients/{patientId}/access-log": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * See who asked for and who read a patient's records, and why
         * @description Newest first; at most 200 items a page, 50 unless told; patients see their own only.
         */
        get: {
            parameters: {
                query?: {
                    /** @description What an earlier page of this list gave for the next one. */
                    cursor?: string;
                    /** @description Items of a page, 1 to 200; 50 unless told. */
                    limit?: number;
                };
                header?: never;
                path: {
                    patientId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "items": [
                         *         {
                         *           "kind": "consentAccepted",
                         *           "at": "2026-03-01T08:00:00Z",
                         *           "onLedger": false,
                         *           "accessId": "ac-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *           "requester": "SouthMSP",
                         *           "staff": "sf-1f6c9b2e",
                         *           "role": "physician",
                         *           "purpose": "TREAT",
                         *           "decisions": [
                         *             {
                         *               "recordId": "rc-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *               "custodian": "NorthMSP",
                         *               "permitted": false,
                         *               "reason": "permit.signed",
                         *               "statementId": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *               "notAfter": "2026-03-01T08:00:00Z"
                         *             }
                         *           ],
                         *           "releases": [
                         *             {
                         *               "releaseId": "rl-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *               "custodian": "NorthMSP",
                         *               "releasedAt": "2026-03-01T08:00:00Z",
                         *               "recordIds": [
                         *                 "rc-aaaaaaaaaaaaaaaaaaaaaaaaaa"
                         *               ]
                         *             }
                         *           ],
                         *           "custodian": "NorthMSP",
                         *           "recordId": "rc-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *           "emergencyId": "em-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *           "emergency": {
                         *             "id": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *             "patientId": "pt-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *             "member": "NorthMSP",
                         *             "role": "physician",
                         *             "reasonCode": "text",
                         *             "declaredBy": [
                         *               "text"
                         *             ],
                         *             "declaredAt": "2026-03-01T08:00:00Z",
                         *             "notAfter": "2026-03-01T08:00:00Z",
                         *             "reviewDue": "2026-03-01T08:00:00Z",
                         *             "review": {
                         *               "outcome": "justified",
                         *               "reviewer": "EastMSP",
                         *               "staff": "sf-1f6c9b2e",
                         *               "reviewedAt": "2026-03-01T08:00:00Z"
                         *             },
                         *             "reason": "permit.signed",
                         *             "commitment": "text",
                         *             "salt": "text",
                         *             "access": {
                         *               "id": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *               "patientId": "pt-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *               "purpose": "TREAT",
                         *               "partial": false,
                         *               "records": [
                         *                 {}
                         *               ]
                         *             }
                         *           }
                         *         }
                         *       ],
                         *       "next": "aGVhbHRoc2hhcmU"
                         *     }
                         */
                        "application/json": components["schemas"]["AccessLogPage"];
                    };
                };
                /** @description Bad Request */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 400,
                         *       "title": "a value, the body, a cursor or an id of an event is not as it should be",
                         *       "code": "request.invalid",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/ledger/decisions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what the channel decided about requests for records, of every member and every patient, newest first
         * @description As the ledger has it and this node's copy holds it: who asked (MSP id, role and staff id), about which patient (the pseudonym), for which purpose, what was permitted or denied and why, in an emergency or not. requester, outcome (permitted, partly, denied), emergency, from and to (before that time) narrow the list. A member's requests for its own records, which it decides by itself, are not on the channel.
         */
        get: {
            parameters: {
                query?: {
                    requester?: string;
                    outcome?: string;
                    emergency?: boolean;
                    from?: unknown;
                    to?: unknown;
                    /** @description What an earlier page of this list gave for the next one. */
                    cursor?: string;
                    /** @description Items of a page, 1 to 100; 20 unless told. */
                    limit?: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "items": [
                         *         {
                         *           "accessId": "ac-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *           "at": "2026-03-01T08:00:00Z",
                         *           "requester": "SouthMSP",
                         *           "role": "physician",
                         *           "staff": "sf-1f6c9b2e",
                         *           "patientId": "pt-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *           "purpose": "TREAT",
                         *           "emergencyId": "em-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *           "outcome": "permitted",
                         *           "block": 1,
                         *           "transactionId": "6e0a4f0c2b",
                         *           "decisions": [
                         *             {
                         *               "recordId": "rc-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *               "custodian": "NorthMSP",
                         *               "permitted": false,
                         *               "reason": "permit.signed",
                         *               "statementId": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *               "notAfter": "2026-03-01T08:00:00Z"
                         *             }
                         *           ]
                         *         }
                         *       ],
                         *       "next": "aGVhbHRoc2hhcmU"
                         *     }
                         */
                        "application/json": components["schemas"]["ChannelDecisionPage"];
                    };
                };
                /** @description Bad Request */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 400,
                         *       "title": "a value, the body, a cursor or an id of an event is not as it should be",
                         *       "code": "request.invalid",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/patients/{patientId}/notifications": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * See what happened to a patient's data and consents that the patient should know of, emergencies included
         * @description Newest first, at most 500 a page, 50 unless told; patients see their own only.
         */
        get: {
            parameters: {
                query?: {
                    /** @description What an earlier page of this list gave for the next one. */
                    cursor?: string;
                    /** @description Items of a page, 1 to 500; 50 unless told. */
                    limit?: number;
                };
                header?: never;
                path: {
                    patientId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "items": [
                         *         {
                         *           "kind": "consentAccepted",
                         *           "at": "2026-03-01T08:00:00Z",
                         *           "subject": "text",
                         *           "member": "NorthMSP",
                         *           "code": "permit.signed",
                         *           "until": "2026-03-01T08:00:00Z"
                         *         }
                         *       ],
                         *       "total": 1,
                         *       "next": "aGVhbHRoc2hhcmU",
                         *       "isCut": false
                         *     }
                         */
                        "application/json": components["schemas"]["NotificationPage"];
                    };
                };
                /** @description Bad Request */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 400,
                         *       "title": "a value, the body, a cursor or an id of an event is not as it should be",
                         *       "code": "request.invalid",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Hear of events as they happen
         * @description A stream of server-sent events (text/event-stream). `ready` comes first; then `notification`, `decision`, `revocation`,
         *     `accessLog` (it has grown), `accessRequest`, `incident`, `intake` and `progress`, as far as the caller may read the same
         *     elsewhere; `heartbeat` when nothing happens; `end` when the session or the node does. Sent again with the header
         *     Last-Event-ID, it goes on after that event; `reset` in place of `ready` says that some are kept no longer: read the lists
         *     anew. Data are JSON, ids and codes only.
         */
        get: {
            parameters: {
                query?: never;
                header?: {
                    "Last-Event-ID"?: string;
                };
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example event: notification
                         *     id: aGVhbHRoc2hhcmU
                         *     data: {"kind":"consentRevoked","at":"2026-03-01T08:00:00Z"}
                         */
                        "text/event-stream": string;
                    };
                };
                /** @description Bad Request */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 400,
                         *       "title": "a value, the body, a cursor or an id of an event is not as it should be",
                         *       "code": "request.invalid",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Too Many Requests */
                429: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 429,
                         *       "title": "too many requests at once; Retry-After says when to come back",
                         *       "code": "request.too_many",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/ledger/blocks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the blocks of the channel as this node's copy has them, newest first
         * @description Each was found to continue the chain as the node applied it. Two members whose hash of the same block differs do not have the same channel. newest is the number of the block to begin with.
         */
        get: {
            parameters: {
                query?: {
                    newest?: number;
                    /** @description What an earlier page of this list gave for the next one. */
                    cursor?: string;
                    /** @description Items of a page, 1 to 100; 20 unless told. */
                    limit?: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "items": [
                         *         {
                         *           "number": 1,
                         *           "at": "2026-03-01T08:00:00Z",
                         *           "transactions": 1,
                         *           "valid": 1,
                         *           "headerHash": "text",
                         *           "previousHash": "text",
                         *           "dataHash": "text"
                         *         }
                         *       ],
                         *       "next": "aGVhbHRoc2hhcmU"
                         *     }
                         */
                        "application/json": components["schemas"]["BlockPage"];
                    };
                };
                /** @description Bad Request */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 400,
                         *       "title": "a value, the body, a cursor or an id of an event is not as it should be",
                         *       "code": "request.invalid",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/staff": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the people who enrolled here to work at this member, disabled ones included
         * @description At most 200 a page, 50 unless told.
         */
        get: {
            parameters: {
                query?: {
                    /** @description What an earlier page of this list gave for the next one. */
                    cursor?: string;
                    /** @description Items of a page, 1 to 200; 50 unless told. */
                    limit?: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "items": [
                         *         {
                         *           "id": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *           "role": "physician",
                         *           "displayName": "Nora Brandt",
                         *           "staffId": "sf-1f6c9b2e",
                         *           "enrolledAt": "2026-03-01T08:00:00Z",
                         *           "lastUsedAt": "2026-03-01T08:00:00Z",
                         *           "passkeys": 1,
                         *           "sessions": 1,
                         *           "keysInForce": 1,
                         *           "disabledAt": "2026-03-01T08:00:00Z",
                         *           "self": false,
                         *           "linksWithdrawn": 1
                         *         }
                         *       ],
                         *       "next": "aGVhbHRoc2hhcmU"
                         *     }
                         */
                        "application/json": components["schemas"]["StaffPage"];
                    };
                };
                /** @description Bad Request */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 400,
                         *       "title": "a value, the body, a cursor or an id of an event is not as it should be",
                         *       "code": "request.invalid",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/staff/{personId}/disabling": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Disable somebody at once: sessions end, passkeys and open links go, keys on the channel are revoked
         * @description What this node keeps is done first, whatever becomes of the channel; `keysInForce` says what still stands there, and the node goes on with it every minute. `linksWithdrawn` counts the open links that went: for whom the person had made one, somebody else makes a new one. Access tokens that name the staffId are refused here from now on. A new invitation with the same staffId lets the person in again, with a new passkey.
         */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description The same request with the same key has no second effect and, for a day, the same answer. */
                    "Idempotency-Key"?: string;
                };
                path: {
                    personId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "id": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "role": "physician",
                         *       "displayName": "Nora Brandt",
                         *       "staffId": "sf-1f6c9b2e",
                         *       "enrolledAt": "2026-03-01T08:00:00Z",
                         *       "lastUsedAt": "2026-03-01T08:00:00Z",
                         *       "passkeys": 1,
                         *       "sessions": 1,
                         *       "keysInForce": 1,
                         *       "disabledAt": "2026-03-01T08:00:00Z",
                         *       "self": false,
                         *       "linksWithdrawn": 1
                         *     }
                         */
                        "application/json": components["schemas"]["StaffMember"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Conflict */
                409: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 409,
                         *       "title": "another check of the contents runs",
                         *       "code": "content.check_running",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/content/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** See whether this member's records are held where they are to be, as far as it was checked */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "healthy": false,
                         *       "lastPass": {
                         *         "startedAt": "2026-03-01T08:00:00Z",
                         *         "finishedAt": "2026-03-01T08:00:00Z",
                         *         "records": 1,
                         *         "held": 1,
                         *         "missing": 1,
                         *         "corrupt": 1,
                         *         "unavailable": 1,
                         *         "belowMinimum": 1,
                         *         "pinnedAgain": 1,
                         *         "repaired": 1
                         *       },
                         *       "lastCheck": {
                         *         "startedAt": "2026-03-01T08:00:00Z",
                         *         "finishedAt": "2026-03-01T08:00:00Z",
                         *         "records": 1,
                         *         "held": 1,
                         *         "missing": 1,
                         *         "corrupt": 1,
                         *         "unavailable": 1,
                         *         "belowMinimum": 1,
                         *         "pinnedAgain": 1,
                         *         "repaired": 1
                         *       },
                         *       "runningPass": {
                         *         "startedAt": "2026-03-01T08:00:00Z",
                         *         "finishedAt": "2026-03-01T08:00:00Z",
                         *         "records": 1,
                         *         "held": 1,
                         *         "missing": 1,
                         *         "corrupt": 1,
                         *         "unavailable": 1,
                         *         "belowMinimum": 1,
                         *         "pinnedAgain": 1,
                         *         "repaired": 1
                         *       },
                         *       "scrub": {
                         *         "contents": 1,
                         *         "neverRead": 1,
                         *         "everythingReadSince": "2026-03-01T08:00:00Z",
                         *         "overdue": false
                         *       },
                         *       "minimumReplicas": 1,
                         *       "replicas": [
                         *         {
                         *           "name": "Nora Brandt",
                         *           "challenges": 1,
                         *           "failures": 1,
                         *           "lastChallengeAt": "2026-03-01T08:00:00Z",
                         *           "lastSuccessAt": "2026-03-01T08:00:00Z",
                         *           "lastFailureAt": "2026-03-01T08:00:00Z",
                         *           "lastFailure": "text",
                         *           "unavailableSince": "2026-03-01T08:00:00Z"
                         *         }
                         *       ],
                         *       "openFindings": 1,
                         *       "findings": [
                         *         {
                         *           "cid": "bafkreiaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *           "replica": "text",
                         *           "state": "registered",
                         *           "detail": "text",
                         *           "recordId": "rc-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *           "foundAt": "2026-03-01T08:00:00Z",
                         *           "seenAt": "2026-03-01T08:00:00Z",
                         *           "attempts": 1,
                         *           "nextAttemptAt": "2026-03-01T08:00:00Z"
                         *         }
                         *       ],
                         *       "orphans": 1
                         *     }
                         */
                        "application/json": components["schemas"]["ContentHealth"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/content/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Check this member's records now, and repair them where asked
         * @description Answers with one JSON object a line while it works, the last one with `done`. It stops when its caller goes away.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    /**
                     * @example {
                     *       "repair": false,
                     *       "full": false
                     *     }
                     */
                    "application/json": components["schemas"]["ContentCheckOrder"];
                };
            };
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /** @example {"done":true,"total":3} */
                        "application/x-ndjson": components["schemas"]["ContentCheckProgress"];
                    };
                };
                /** @description Bad Request */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 400,
                         *       "title": "a value, the body, a cursor or an id of an event is not as it should be",
                         *       "code": "request.invalid",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Conflict */
                409: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 409,
                         *       "title": "another check of the contents runs",
                         *       "code": "content.check_running",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/patients/{patientId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** See a patient's entry on the channel */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    patientId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "patientId": "pt-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "enrolledBy": "NorthMSP",
                         *       "enrolledAt": "2026-03-01T08:00:00Z",
                         *       "members": [
                         *         {
                         *           "mspId": "NorthMSP",
                         *           "name": "Nora Brandt",
                         *           "since": "2026-03-01T08:00:00Z",
                         *           "statementId": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa"
                         *         }
                         *       ],
                         *       "credentials": [
                         *         {
                         *           "patientId": "pt-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *           "credential": {
                         *             "credentialId": "aGVhbHRoc2hhcmU",
                         *             "publicKey": "aGVhbHRoc2hhcmU",
                         *             "rpId": "north.example",
                         *             "origins": [
                         *               "https://north.example"
                         *             ]
                         *           },
                         *           "addedBy": "NorthMSP",
                         *           "addedAt": "2026-03-01T08:00:00Z",
                         *           "statementId": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *           "revokedBy": "text",
                         *           "revokedAt": "2026-03-01T08:00:00Z"
                         *         }
                         *       ],
                         *       "labelKey": "text",
                         *       "erasedAt": "2026-03-01T08:00:00Z"
                         *     }
                         */
                        "application/json": components["schemas"]["Patient"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/patients/{patientId}/records": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the records of a patient that you may know of, newest data first
         * @description At most 1000 a page, 200 unless told.
         */
        get: {
            parameters: {
                query?: {
                    /** @description What an earlier page of this list gave for the next one. */
                    cursor?: string;
                    /** @description Items of a page, 1 to 1000; 200 unless told. */
                    limit?: number;
                    purpose?: string;
                };
                header?: never;
                path: {
                    patientId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "records": [
                         *         {
                         *           "recordId": "rc-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *           "custodian": "NorthMSP",
                         *           "registeredAt": "2026-03-01T08:00:00Z",
                         *           "date": "2026-03-01T08:00:00Z",
                         *           "confidentiality": "text",
                         *           "categories": [
                         *             "text"
                         *           ],
                         *           "labels": [
                         *             "text"
                         *           ],
                         *           "size": 1,
                         *           "fates": [
                         *             {
                         *               "relation": "text",
                         *               "by": "text",
                         *               "at": "2026-03-01T08:00:00Z"
                         *             }
                         *           ]
                         *         }
                         *       ],
                         *       "next": "aGVhbHRoc2hhcmU"
                         *     }
                         */
                        "application/json": components["schemas"]["PatientRecords"];
                    };
                };
                /** @description Bad Request */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 400,
                         *       "title": "a value, the body, a cursor or an id of an event is not as it should be",
                         *       "code": "request.invalid",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/patients/{patientId}/links": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Bring a signed link to another hospital to the channel */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description The same request with the same key has no second effect and, for a day, the same answer. */
                    "Idempotency-Key"?: string;
                };
                path: {
                    patientId: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    /**
                     * @example {
                     *       "statement": "aGVhbHRoc2hhcmU",
                     *       "assertion": {
                     *         "credential": "aGVhbHRoc2hhcmU",
                     *         "authenticatorData": "aGVhbHRoc2hhcmU",
                     *         "clientDataJSON": "aGVhbHRoc2hhcmU",
                     *         "signature": "aGVhbHRoc2hhcmU"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["SignedStatement"];
                };
            };
            responses: {
                /** @description Created */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "patientId": "pt-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "member": "NorthMSP",
                         *       "since": "2026-03-01T08:00:00Z",
                         *       "statementId": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa"
                         *     }
                         */
                        "application/json": components["schemas"]["AffiliationEntry"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Unprocessable Entity */
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 422,
                         *       "title": "the same Idempotency-Key came with another request",
                         *       "code": "request.idempotency_key_reused",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Service Unavailable */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 503,
                         *       "title": "the content cannot be fetched now",
                         *       "code": "content.not_here_yet",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/patients": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Enrol a patient by the hospital's own number, or join a number to a linked patient
         * @description 201 where the patient is new on the channel, 200 for one who is known.
         */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description The same request with the same key has no second effect and, for a day, the same answer. */
                    "Idempotency-Key"?: string;
                };
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    /**
                     * @example {
                     *       "number": "4711",
                     *       "authority": "text",
                     *       "patientId": "pt-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                     *       "type": "text",
                     *       "onlyKnown": false
                     *     }
                     */
                    "application/json": components["schemas"]["NewPatient"];
                };
            };
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "patientId": "pt-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "enrolledBy": "NorthMSP",
                         *       "enrolledAt": "2026-03-01T08:00:00Z",
                         *       "members": [
                         *         {
                         *           "mspId": "NorthMSP",
                         *           "name": "Nora Brandt",
                         *           "since": "2026-03-01T08:00:00Z",
                         *           "statementId": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa"
                         *         }
                         *       ],
                         *       "credentials": [
                         *         {
                         *           "patientId": "pt-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *           "credential": {
                         *             "credentialId": "aGVhbHRoc2hhcmU",
                         *             "publicKey": "aGVhbHRoc2hhcmU",
                         *             "rpId": "north.example",
                         *             "origins": [
                         *               "https://north.example"
                         *             ]
                         *           },
                         *           "addedBy": "NorthMSP",
                         *           "addedAt": "2026-03-01T08:00:00Z",
                         *           "statementId": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *           "revokedBy": "text",
                         *           "revokedAt": "2026-03-01T08:00:00Z"
                         *         }
                         *       ],
                         *       "labelKey": "text",
                         *       "erasedAt": "2026-03-01T08:00:00Z"
                         *     }
                         */
                        "application/json": components["schemas"]["Patient"];
                    };
                };
                /** @description Created */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "patientId": "pt-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "enrolledBy": "NorthMSP",
                         *       "enrolledAt": "2026-03-01T08:00:00Z",
                         *       "members": [
                         *         {
                         *           "mspId": "NorthMSP",
                         *           "name": "Nora Brandt",
                         *           "since": "2026-03-01T08:00:00Z",
                         *           "statementId": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa"
                         *         }
                         *       ],
                         *       "credentials": [
                         *         {
                         *           "patientId": "pt-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *           "credential": {
                         *             "credentialId": "aGVhbHRoc2hhcmU",
                         *             "publicKey": "aGVhbHRoc2hhcmU",
                         *             "rpId": "north.example",
                         *             "origins": [
                         *               "https://north.example"
                         *             ]
                         *           },
                         *           "addedBy": "NorthMSP",
                         *           "addedAt": "2026-03-01T08:00:00Z",
                         *           "statementId": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *           "revokedBy": "text",
                         *           "revokedAt": "2026-03-01T08:00:00Z"
                         *         }
                         *       ],
                         *       "labelKey": "text",
                         *       "erasedAt": "2026-03-01T08:00:00Z"
                         *     }
                         */
                        "application/json": components["schemas"]["Patient"];
                    };
                };
                /** @description Bad Request */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 400,
                         *       "title": "a value, the body, a cursor or an id of an event is not as it should be",
                         *       "code": "request.invalid",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Conflict */
                409: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 409,
                         *       "title": "another check of the contents runs",
                         *       "code": "content.check_running",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Service Unavailable */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 503,
                         *       "title": "the content cannot be fetched now",
                         *       "code": "content.not_here_yet",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/patients/look-up": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Find a patient by the hospital's own number; a POST, since addresses end up in logs
         * @description Each is noted with who asked. The privacy officer hears of somebody who walks through numbers.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    /**
                     * @example {
                     *       "number": "4711",
                     *       "authority": "text",
                     *       "type": "text"
                     *     }
                     */
                    "application/json": components["schemas"]["PatientNumber"];
                };
            };
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "patientId": "pt-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "enrolledBy": "NorthMSP",
                         *       "enrolledAt": "2026-03-01T08:00:00Z",
                         *       "members": [
                         *         {
                         *           "mspId": "NorthMSP",
                         *           "name": "Nora Brandt",
                         *           "since": "2026-03-01T08:00:00Z",
                         *           "statementId": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa"
                         *         }
                         *       ],
                         *       "credentials": [
                         *         {
                         *           "patientId": "pt-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *           "credential": {
                         *             "credentialId": "aGVhbHRoc2hhcmU",
                         *             "publicKey": "aGVhbHRoc2hhcmU",
                         *             "rpId": "north.example",
                         *             "origins": [
                         *               "https://north.example"
                         *             ]
                         *           },
                         *           "addedBy": "NorthMSP",
                         *           "addedAt": "2026-03-01T08:00:00Z",
                         *           "statementId": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *           "revokedBy": "text",
                         *           "revokedAt": "2026-03-01T08:00:00Z"
                         *         }
                         *       ],
                         *       "labelKey": "text",
                         *       "erasedAt": "2026-03-01T08:00:00Z"
                         *     }
                         */
                        "application/json": components["schemas"]["Patient"];
                    };
                };
                /** @description Bad Request */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 400,
                         *       "title": "a value, the body, a cursor or an id of an event is not as it should be",
                         *       "code": "request.invalid",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Too Many Requests */
                429: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 429,
                         *       "title": "too many requests at once; Retry-After says when to come back",
                         *       "code": "request.too_many",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/patients/{patientId}/first-credential": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Pin a patient's first credential (COSE key, base64url) */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description The same request with the same key has no second effect and, for a day, the same answer. */
                    "Idempotency-Key"?: string;
                };
                path: {
                    patientId: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    /**
                     * @example {
                     *       "credentialId": "aGVhbHRoc2hhcmU",
                     *       "publicKey": "aGVhbHRoc2hhcmU",
                     *       "rpId": "north.example",
                     *       "origins": [
                     *         "https://north.example"
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Credential"];
                };
            };
            responses: {
                /** @description Created */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "patientId": "pt-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "credential": {
                         *         "credentialId": "aGVhbHRoc2hhcmU",
                         *         "publicKey": "aGVhbHRoc2hhcmU",
                         *         "rpId": "north.example",
                         *         "origins": [
                         *           "https://north.example"
                         *         ]
                         *       },
                         *       "addedBy": "NorthMSP",
                         *       "addedAt": "2026-03-01T08:00:00Z",
                         *       "statementId": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "revokedBy": "text",
                         *       "revokedAt": "2026-03-01T08:00:00Z"
                         *     }
                         */
                        "application/json": components["schemas"]["CredentialEntry"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Unprocessable Entity */
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 422,
                         *       "title": "the same Idempotency-Key came with another request",
                         *       "code": "request.idempotency_key_reused",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Service Unavailable */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 503,
                         *       "title": "the content cannot be fetched now",
                         *       "code": "content.not_here_yet",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/patients/{patientId}/credentials": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what signs, and what signed, for a patient */
        get: {
            parameters: {
                query?: {
                    /** @description What an earlier page of this list gave for the next one. */
                    cursor?: string;
                    /** @description Items of a page, 1 to 500; 200 unless told. */
                    limit?: number;
                };
                header?: never;
                path: {
                    patientId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "credentials": [
                         *         {
                         *           "credentialId": "aGVhbHRoc2hhcmU",
                         *           "rpId": "north.example",
                         *           "origins": [
                         *             "https://north.example"
                         *           ],
                         *           "addedBy": "NorthMSP",
                         *           "addedAt": "2026-03-01T08:00:00Z",
                         *           "statementId": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *           "introducedBy": "text",
                         *           "revokedBy": "text",
                         *           "revokedAt": "2026-03-01T08:00:00Z",
                         *           "committedBy": [
                         *             "NorthMSP"
                         *           ]
                         *         }
                         *       ],
                         *       "next": "aGVhbHRoc2hhcmU"
                         *     }
                         */
                        "application/json": components["schemas"]["PatientCredentials"];
                    };
                };
                /** @description Bad Request */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 400,
                         *       "title": "a value, the body, a cursor or an id of an event is not as it should be",
                         *       "code": "request.invalid",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        put?: never;
        /** Bring the signed addition of a credential to the channel */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description The same request with the same key has no second effect and, for a day, the same answer. */
                    "Idempotency-Key"?: string;
                };
                path: {
                    patientId: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    /**
                     * @example {
                     *       "statement": "aGVhbHRoc2hhcmU",
                     *       "assertion": {
                     *         "credential": "aGVhbHRoc2hhcmU",
                     *         "authenticatorData": "aGVhbHRoc2hhcmU",
                     *         "clientDataJSON": "aGVhbHRoc2hhcmU",
                     *         "signature": "aGVhbHRoc2hhcmU"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["SignedStatement"];
                };
            };
            responses: {
                /** @description Created */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "credentialId": "aGVhbHRoc2hhcmU",
                         *       "rpId": "north.example",
                         *       "origins": [
                         *         "https://north.example"
                         *       ],
                         *       "addedBy": "NorthMSP",
                         *       "addedAt": "2026-03-01T08:00:00Z",
                         *       "statementId": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "introducedBy": "text",
                         *       "revokedBy": "text",
                         *       "revokedAt": "2026-03-01T08:00:00Z",
                         *       "committedBy": [
                         *         "NorthMSP"
                         *       ]
                         *     }
                         */
                        "application/json": components["schemas"]["PatientCredential"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Unprocessable Entity */
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 422,
                         *       "title": "the same Idempotency-Key came with another request",
                         *       "code": "request.idempotency_key_reused",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Service Unavailable */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 503,
                         *       "title": "the content cannot be fetched now",
                         *       "code": "content.not_here_yet",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/patients/{patientId}/credentials/{credentialId}/revocation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Bring the signed revocation of a credential to the channel
         * @description 200 with committedBy once two members' peers have committed it; 202 while only one has. What takes longer than a set time is submitted through another member as well.
         */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description The same request with the same key has no second effect and, for a day, the same answer. */
                    "Idempotency-Key"?: string;
                };
                path: {
                    patientId: string;
                    credentialId: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    /**
                     * @example {
                     *       "statement": "aGVhbHRoc2hhcmU",
                     *       "assertion": {
                     *         "credential": "aGVhbHRoc2hhcmU",
                     *         "authenticatorData": "aGVhbHRoc2hhcmU",
                     *         "clientDataJSON": "aGVhbHRoc2hhcmU",
                     *         "signature": "aGVhbHRoc2hhcmU"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["SignedStatement"];
                };
            };
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "credentialId": "aGVhbHRoc2hhcmU",
                         *       "rpId": "north.example",
                         *       "origins": [
                         *         "https://north.example"
                         *       ],
                         *       "addedBy": "NorthMSP",
                         *       "addedAt": "2026-03-01T08:00:00Z",
                         *       "statementId": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "introducedBy": "text",
                         *       "revokedBy": "text",
                         *       "revokedAt": "2026-03-01T08:00:00Z",
                         *       "committedBy": [
                         *         "NorthMSP"
                         *       ]
                         *     }
                         */
                        "application/json": components["schemas"]["PatientCredential"];
                    };
                };
                /** @description Accepted */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "credentialId": "aGVhbHRoc2hhcmU",
                         *       "rpId": "north.example",
                         *       "origins": [
                         *         "https://north.example"
                         *       ],
                         *       "addedBy": "NorthMSP",
                         *       "addedAt": "2026-03-01T08:00:00Z",
                         *       "statementId": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "introducedBy": "text",
                         *       "revokedBy": "text",
                         *       "revokedAt": "2026-03-01T08:00:00Z",
                         *       "committedBy": [
                         *         "NorthMSP"
                         *       ]
                         *     }
                         */
                        "application/json": components["schemas"]["PatientCredential"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Unprocessable Entity */
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 422,
                         *       "title": "the same Idempotency-Key came with another request",
                         *       "code": "request.idempotency_key_reused",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Service Unavailable */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 503,
                         *       "title": "the content cannot be fetched now",
                         *       "code": "content.not_here_yet",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/patients/{patientId}/delegates": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List who signs, and who signed, for a patient */
        get: {
            parameters: {
                query?: {
                    /** @description What an earlier page of this list gave for the next one. */
                    cursor?: string;
                    /** @description Items of a page, 1 to 500; 200 unless told. */
                    limit?: number;
                };
                header?: never;
                path: {
                    patientId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "delegates": [
                         *         {
                         *           "id": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *           "status": "active",
                         *           "credentials": [
                         *             "text"
                         *           ],
                         *           "scope": {},
                         *           "end": "2026-03-01T08:00:00Z",
                         *           "appointedAt": "2026-03-01T08:00:00Z",
                         *           "relayedBy": "NorthMSP",
                         *           "appointedBy": "text",
                         *           "statementId": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *           "revokedBy": "text",
                         *           "revokedAt": "2026-03-01T08:00:00Z",
                         *           "committedBy": [
                         *             "NorthMSP"
                         *           ]
                         *         }
                         *       ],
                         *       "next": "aGVhbHRoc2hhcmU"
                         *     }
                         */
                        "application/json": components["schemas"]["PatientDelegates"];
                    };
                };
                /** @description Bad Request */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 400,
                         *       "title": "a value, the body, a cursor or an id of an event is not as it should be",
                         *       "code": "request.invalid",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        put?: never;
        /** Bring the signed appointment of a delegate, or its renewal, to the channel */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description The same request with the same key has no second effect and, for a day, the same answer. */
                    "Idempotency-Key"?: string;
                };
                path: {
                    patientId: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    /**
                     * @example {
                     *       "statement": "aGVhbHRoc2hhcmU",
                     *       "assertion": {
                     *         "credential": "aGVhbHRoc2hhcmU",
                     *         "authenticatorData": "aGVhbHRoc2hhcmU",
                     *         "clientDataJSON": "aGVhbHRoc2hhcmU",
                     *         "signature": "aGVhbHRoc2hhcmU"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["SignedStatement"];
                };
            };
            responses: {
                /** @description Created */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "id": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "status": "active",
                         *       "credentials": [
                         *         "text"
                         *       ],
                         *       "scope": {},
                         *       "end": "2026-03-01T08:00:00Z",
                         *       "appointedAt": "2026-03-01T08:00:00Z",
                         *       "relayedBy": "NorthMSP",
                         *       "appointedBy": "text",
                         *       "statementId": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "revokedBy": "text",
                         *       "revokedAt": "2026-03-01T08:00:00Z",
                         *       "committedBy": [
                         *         "NorthMSP"
                         *       ]
                         *     }
                         */
                        "application/json": components["schemas"]["PatientDelegate"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Unprocessable Entity */
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 422,
                         *       "title": "the same Idempotency-Key came with another request",
                         *       "code": "request.idempotency_key_reused",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Service Unavailable */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 503,
                         *       "title": "the content cannot be fetched now",
                         *       "code": "content.not_here_yet",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/patients/{patientId}/delegates/own": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** For whom the patient appointed: what this person may sign, and until when */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    patientId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "id": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "status": "active",
                         *       "credentials": [
                         *         "text"
                         *       ],
                         *       "scope": {},
                         *       "end": "2026-03-01T08:00:00Z",
                         *       "appointedAt": "2026-03-01T08:00:00Z",
                         *       "relayedBy": "NorthMSP",
                         *       "appointedBy": "text",
                         *       "statementId": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "revokedBy": "text",
                         *       "revokedAt": "2026-03-01T08:00:00Z",
                         *       "committedBy": [
                         *         "NorthMSP"
                         *       ]
                         *     }
                         */
                        "application/json": components["schemas"]["PatientDelegate"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/patients/{patientId}/delegates/{delegateId}/revocation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Bring the signed revocation of a delegate to the channel
         * @description 200 with committedBy once two members' peers have committed it; 202 while only one has. What takes longer than a set time is submitted through another member as well.
         */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description The same request with the same key has no second effect and, for a day, the same answer. */
                    "Idempotency-Key"?: string;
                };
                path: {
                    patientId: string;
                    delegateId: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    /**
                     * @example {
                     *       "statement": "aGVhbHRoc2hhcmU",
                     *       "assertion": {
                     *         "credential": "aGVhbHRoc2hhcmU",
                     *         "authenticatorData": "aGVhbHRoc2hhcmU",
                     *         "clientDataJSON": "aGVhbHRoc2hhcmU",
                     *         "signature": "aGVhbHRoc2hhcmU"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["SignedStatement"];
                };
            };
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "id": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "status": "active",
                         *       "credentials": [
                         *         "text"
                         *       ],
                         *       "scope": {},
                         *       "end": "2026-03-01T08:00:00Z",
                         *       "appointedAt": "2026-03-01T08:00:00Z",
                         *       "relayedBy": "NorthMSP",
                         *       "appointedBy": "text",
                         *       "statementId": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "revokedBy": "text",
                         *       "revokedAt": "2026-03-01T08:00:00Z",
                         *       "committedBy": [
                         *         "NorthMSP"
                         *       ]
                         *     }
                         */
                        "application/json": components["schemas"]["PatientDelegate"];
                    };
                };
                /** @description Accepted */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "id": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "status": "active",
                         *       "credentials": [
                         *         "text"
                         *       ],
                         *       "scope": {},
                         *       "end": "2026-03-01T08:00:00Z",
                         *       "appointedAt": "2026-03-01T08:00:00Z",
                         *       "relayedBy": "NorthMSP",
                         *       "appointedBy": "text",
                         *       "statementId": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "revokedBy": "text",
                         *       "revokedAt": "2026-03-01T08:00:00Z",
                         *       "committedBy": [
                         *         "NorthMSP"
                         *       ]
                         *     }
                         */
                        "application/json": components["schemas"]["PatientDelegate"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Unprocessable Entity */
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 422,
                         *       "title": "the same Idempotency-Key came with another request",
                         *       "code": "request.idempotency_key_reused",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Service Unavailable */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 503,
                         *       "title": "the content cannot be fetched now",
                         *       "code": "content.not_here_yet",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/patients/{patientId}/consents/confirmations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** For the patient or a guardian: permits that others signed and that wait for this person's confirmation */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    patientId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "permits": [
                         *         {
                         *           "consent": {
                         *             "id": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *             "status": "active",
                         *             "effect": "permit",
                         *             "body": {},
                         *             "issued": "2026-03-01T08:00:00Z",
                         *             "acceptedAt": "2026-03-01T08:00:00Z",
                         *             "relayedBy": "NorthMSP",
                         *             "credential": "aGVhbHRoc2hhcmU",
                         *             "revokedBy": "text",
                         *             "revokedAt": "2026-03-01T08:00:00Z",
                         *             "statement": "aGVhbHRoc2hhcmU",
                         *             "attestedBy": "text",
                         *             "form": "text",
                         *             "delegate": "dg-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *             "committedBy": [
                         *               "NorthMSP"
                         *             ],
                         *             "effectiveFrom": "2026-03-01T08:00:00Z",
                         *             "coSignedBy": "text",
                         *             "usesLeft": 1,
                         *             "lapse": "erased"
                         *           },
                         *           "lapsesAt": "2026-03-01T08:00:00Z"
                         *         }
                         *       ]
                         *     }
                         */
                        "application/json": components["schemas"]["UnconfirmedPermits"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        put?: never;
        /** Bring the patient's signed confirmation of a delegate's permits to the channel */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description The same request with the same key has no second effect and, for a day, the same answer. */
                    "Idempotency-Key"?: string;
                };
                path: {
                    patientId: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    /**
                     * @example {
                     *       "statement": "aGVhbHRoc2hhcmU",
                     *       "assertion": {
                     *         "credential": "aGVhbHRoc2hhcmU",
                     *         "authenticatorData": "aGVhbHRoc2hhcmU",
                     *         "clientDataJSON": "aGVhbHRoc2hhcmU",
                     *         "signature": "aGVhbHRoc2hhcmU"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["SignedStatement"];
                };
            };
            responses: {
                /** @description Created */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "statementId": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "consents": [
                         *         "text"
                         *       ]
                         *     }
                         */
                        "application/json": components["schemas"]["Confirmed"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Unprocessable Entity */
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 422,
                         *       "title": "the same Idempotency-Key came with another request",
                         *       "code": "request.idempotency_key_reused",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Service Unavailable */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 503,
                         *       "title": "the content cannot be fetched now",
                         *       "code": "content.not_here_yet",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/patients/{patientId}/attested-signers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the signers that hospitals vouch for */
        get: {
            parameters: {
                query?: {
                    /** @description What an earlier page of this list gave for the next one. */
                    cursor?: string;
                    /** @description Items of a page, 1 to 500; 200 unless told. */
                    limit?: number;
                };
                header?: never;
                path: {
                    patientId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "signers": [
                         *         {
                         *           "signerId": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *           "kind": "consentAccepted",
                         *           "status": "active",
                         *           "credentials": [
                         *             {
                         *               "credentialId": "aGVhbHRoc2hhcmU",
                         *               "publicKey": "aGVhbHRoc2hhcmU",
                         *               "rpId": "north.example",
                         *               "origins": [
                         *                 "https://north.example"
                         *               ]
                         *             }
                         *           ],
                         *           "vouchedBy": [
                         *             "text"
                         *           ],
                         *           "activeFrom": "2026-03-01T08:00:00Z",
                         *           "end": "2026-03-01T08:00:00Z",
                         *           "joint": false,
                         *           "objectedBy": "EastMSP",
                         *           "objectedAt": "2026-03-01T08:00:00Z",
                         *           "committedBy": [
                         *             "NorthMSP"
                         *           ]
                         *         }
                         *       ],
                         *       "next": "aGVhbHRoc2hhcmU"
                         *     }
                         */
                        "application/json": components["schemas"]["VouchedSignersOfPatient"];
                    };
                };
                /** @description Bad Request */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 400,
                         *       "title": "a value, the body, a cursor or an id of an event is not as it should be",
                         *       "code": "request.invalid",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        put?: never;
        /** Vouch for a guardian, or for a new credential of the patient */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description The same request with the same key has no second effect and, for a day, the same answer. */
                    "Idempotency-Key"?: string;
                };
                path: {
                    patientId: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    /**
                     * @example {
                     *       "kind": "guardian",
                     *       "credentials": [
                     *         {
                     *           "credentialId": "aGVhbHRoc2hhcmU",
                     *           "publicKey": "aGVhbHRoc2hhcmU",
                     *           "rpId": "north.example",
                     *           "origins": [
                     *             "https://north.example"
                     *           ]
                     *         }
                     *       ],
                     *       "end": "2026-03-01T08:00:00Z",
                     *       "signerId": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                     *       "joint": false
                     *     }
                     */
                    "application/json": components["schemas"]["NewVouchedSigner"];
                };
            };
            responses: {
                /** @description Created */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "signerId": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "kind": "consentAccepted",
                         *       "status": "active",
                         *       "credentials": [
                         *         {
                         *           "credentialId": "aGVhbHRoc2hhcmU",
                         *           "publicKey": "aGVhbHRoc2hhcmU",
                         *           "rpId": "north.example",
                         *           "origins": [
                         *             "https://north.example"
                         *           ]
                         *         }
                         *       ],
                         *       "vouchedBy": [
                         *         "text"
                         *       ],
                         *       "activeFrom": "2026-03-01T08:00:00Z",
                         *       "end": "2026-03-01T08:00:00Z",
                         *       "joint": false,
                         *       "objectedBy": "EastMSP",
                         *       "objectedAt": "2026-03-01T08:00:00Z",
                         *       "committedBy": [
                         *         "NorthMSP"
                         *       ]
                         *     }
                         */
                        "application/json": components["schemas"]["VouchedSigner"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Unprocessable Entity */
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 422,
                         *       "title": "the same Idempotency-Key came with another request",
                         *       "code": "request.idempotency_key_reused",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Service Unavailable */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 503,
                         *       "title": "the content cannot be fetched now",
                         *       "code": "content.not_here_yet",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/patients/{patientId}/attested-signers/own": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** For who signs here by hospitals' word: how far that word is */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    patientId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "signerId": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "kind": "consentAccepted",
                         *       "status": "active",
                         *       "credentials": [
                         *         {
                         *           "credentialId": "aGVhbHRoc2hhcmU",
                         *           "publicKey": "aGVhbHRoc2hhcmU",
                         *           "rpId": "north.example",
                         *           "origins": [
                         *             "https://north.example"
                         *           ]
                         *         }
                         *       ],
                         *       "vouchedBy": [
                         *         "text"
                         *       ],
                         *       "activeFrom": "2026-03-01T08:00:00Z",
                         *       "end": "2026-03-01T08:00:00Z",
                         *       "joint": false,
                         *       "objectedBy": "EastMSP",
                         *       "objectedAt": "2026-03-01T08:00:00Z",
                         *       "committedBy": [
                         *         "NorthMSP"
                         *       ]
                         *     }
                         */
                        "application/json": components["schemas"]["VouchedSigner"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/patients/{patientId}/attested-signers/{signerId}/objection": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Object to a signer: by this hospital's own word, or by the patient's signature
         * @description 200 with committedBy once two members' peers have committed it; 202 while only one has. What takes longer than a set time is submitted through another member as well.
         */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description The same request with the same key has no second effect and, for a day, the same answer. */
                    "Idempotency-Key"?: string;
                };
                path: {
                    patientId: string;
                    signerId: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    /**
                     * @example {
                     *       "statement": {
                     *         "statement": "aGVhbHRoc2hhcmU",
                     *         "assertion": {
                     *           "credential": "aGVhbHRoc2hhcmU",
                     *           "authenticatorData": "aGVhbHRoc2hhcmU",
                     *           "clientDataJSON": "aGVhbHRoc2hhcmU",
                     *           "signature": "aGVhbHRoc2hhcmU"
                     *         }
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Objection"];
                };
            };
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "signerId": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "kind": "consentAccepted",
                         *       "status": "active",
                         *       "credentials": [
                         *         {
                         *           "credentialId": "aGVhbHRoc2hhcmU",
                         *           "publicKey": "aGVhbHRoc2hhcmU",
                         *           "rpId": "north.example",
                         *           "origins": [
                         *             "https://north.example"
                         *           ]
                         *         }
                         *       ],
                         *       "vouchedBy": [
                         *         "text"
                         *       ],
                         *       "activeFrom": "2026-03-01T08:00:00Z",
                         *       "end": "2026-03-01T08:00:00Z",
                         *       "joint": false,
                         *       "objectedBy": "EastMSP",
                         *       "objectedAt": "2026-03-01T08:00:00Z",
                         *       "committedBy": [
                         *         "NorthMSP"
                         *       ]
                         *     }
                         */
                        "application/json": components["schemas"]["VouchedSigner"];
                    };
                };
                /** @description Accepted */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "signerId": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "kind": "consentAccepted",
                         *       "status": "active",
                         *       "credentials": [
                         *         {
                         *           "credentialId": "aGVhbHRoc2hhcmU",
                         *           "publicKey": "aGVhbHRoc2hhcmU",
                         *           "rpId": "north.example",
                         *           "origins": [
                         *             "https://north.example"
                         *           ]
                         *         }
                         *       ],
                         *       "vouchedBy": [
                         *         "text"
                         *       ],
                         *       "activeFrom": "2026-03-01T08:00:00Z",
                         *       "end": "2026-03-01T08:00:00Z",
                         *       "joint": false,
                         *       "objectedBy": "EastMSP",
                         *       "objectedAt": "2026-03-01T08:00:00Z",
                         *       "committedBy": [
                         *         "NorthMSP"
                         *       ]
                         *     }
                         */
                        "application/json": components["schemas"]["VouchedSigner"];
                    };
                };
                /** @description Forbidden */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 403,
                         *       "title": "the role may not call this",
                         *       "code": "auth.forbidden",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Unprocessable Entity */
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 422,
                         *       "title": "the same Idempotency-Key came with another request",
                         *       "code": "request.idempotency_key_reused",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Service Unavailable */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 503,
                         *       "title": "the content cannot be fetched now",
                         *       "code": "content.not_here_yet",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/patients/{patientId}/erasure": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * See how far each hospital is with an erasure
         * @description 404 with the code patient.not_erased for a patient who has not erased anything.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    patientId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "statementId": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "erasedAt": "2026-03-01T08:00:00Z",
                         *       "hospitals": [
                         *         {
                         *           "member": "NorthMSP",
                         *           "state": "registered",
                         *           "reportedAt": "2026-03-01T08:00:00Z",
                         *           "retainedUntil": "2026-03-01T08:00:00Z"
                         *         }
                         *       ],
                         *       "here": {
                         *         "state": "registered",
                         *         "attempts": 1,
                         *         "reason": "permit.signed",
                         *         "nextAt": "2026-03-01T08:00:00Z"
                         *       }
                         *     }
                         */
                        "application/json": components["schemas"]["Erasure"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        put?: never;
        /**
         * Bring the patient's signed erasure to the channel; it cannot be undone
         * @description From its block on nothing is permitted. What each hospital destroyed is told at this address by and by. What takes longer than a set time is submitted through another member as well.
         */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description The same request with the same key has no second effect and, for a day, the same answer. */
                    "Idempotency-Key"?: string;
                };
                path: {
                    patientId: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    /**
                     * @example {
                     *       "statement": "aGVhbHRoc2hhcmU",
                     *       "assertion": {
                     *         "credential": "aGVhbHRoc2hhcmU",
                     *         "authenticatorData": "aGVhbHRoc2hhcmU",
                     *         "clientDataJSON": "aGVhbHRoc2hhcmU",
                     *         "signature": "aGVhbHRoc2hhcmU"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["SignedStatement"];
                };
            };
            responses: {
                /** @description Accepted */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "statementId": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "erasedAt": "2026-03-01T08:00:00Z",
                         *       "hospitals": [
                         *         {
                         *           "member": "NorthMSP",
                         *           "state": "registered",
                         *           "reportedAt": "2026-03-01T08:00:00Z",
                         *           "retainedUntil": "2026-03-01T08:00:00Z"
                         *         }
                         *       ],
                         *       "here": {
                         *         "state": "registered",
                         *         "attempts": 1,
                         *         "reason": "permit.signed",
                         *         "nextAt": "2026-03-01T08:00:00Z"
                         *       }
                         *     }
                         */
                        "application/json": components["schemas"]["Erasure"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Unprocessable Entity */
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 422,
                         *       "title": "the same Idempotency-Key came with another request",
                         *       "code": "request.idempotency_key_reused",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Service Unavailable */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 503,
                         *       "title": "the content cannot be fetched now",
                         *       "code": "content.not_here_yet",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/patients/{patientId}/merges": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List which ids hospitals say are this same person */
        get: {
            parameters: {
                query?: {
                    /** @description What an earlier page of this list gave for the next one. */
                    cursor?: string;
                    /** @description Items of a page, 1 to 500; 200 unless told. */
                    limit?: number;
                };
                header?: never;
                path: {
                    patientId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "merges": [
                         *         {
                         *           "mergeId": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *           "merged": "pt-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *           "surviving": "pt-bbbbbbbbbbbbbbbbbbbbbbbbbb",
                         *           "status": "active",
                         *           "saidBy": [
                         *             "NorthMSP"
                         *           ],
                         *           "completeAt": "2026-03-01T08:00:00Z",
                         *           "settledAt": "2026-03-01T08:00:00Z",
                         *           "objectedBy": "EastMSP"
                         *         }
                         *       ],
                         *       "next": "aGVhbHRoc2hhcmU"
                         *     }
                         */
                        "application/json": components["schemas"]["PatientMerges"];
                    };
                };
                /** @description Bad Request */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 400,
                         *       "title": "a value, the body, a cursor or an id of an event is not as it should be",
                         *       "code": "request.invalid",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/patients/{patientId}/merge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Say that this patient and another are one person
         * @description Denies of this id count for the other one then; permits stay with the id that they were signed for.
         */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description The same request with the same key has no second effect and, for a day, the same answer. */
                    "Idempotency-Key"?: string;
                };
                path: {
                    patientId: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    /**
                     * @example {
                     *       "into": "pt-bbbbbbbbbbbbbbbbbbbbbbbbbb",
                     *       "mergeId": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa"
                     *     }
                     */
                    "application/json": components["schemas"]["NewMerge"];
                };
            };
            responses: {
                /** @description Created */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "mergeId": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "merged": "pt-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "surviving": "pt-bbbbbbbbbbbbbbbbbbbbbbbbbb",
                         *       "status": "active",
                         *       "saidBy": [
                         *         "NorthMSP"
                         *       ],
                         *       "completeAt": "2026-03-01T08:00:00Z",
                         *       "settledAt": "2026-03-01T08:00:00Z",
                         *       "objectedBy": "EastMSP"
                         *     }
                         */
                        "application/json": components["schemas"]["PatientMerge"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Unprocessable Entity */
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 422,
                         *       "title": "the same Idempotency-Key came with another request",
                         *       "code": "request.idempotency_key_reused",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Service Unavailable */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 503,
                         *       "title": "the content cannot be fetched now",
                         *       "code": "content.not_here_yet",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/patients/{patientId}/merges/{mergeId}/objection": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Object to a merge in the hospital's name, while it is new */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description The same request with the same key has no second effect and, for a day, the same answer. */
                    "Idempotency-Key"?: string;
                };
                path: {
                    patientId: string;
                    mergeId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "mergeId": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "merged": "pt-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "surviving": "pt-bbbbbbbbbbbbbbbbbbbbbbbbbb",
                         *       "status": "active",
                         *       "saidBy": [
                         *         "NorthMSP"
                         *       ],
                         *       "completeAt": "2026-03-01T08:00:00Z",
                         *       "settledAt": "2026-03-01T08:00:00Z",
                         *       "objectedBy": "EastMSP"
                         *     }
                         */
                        "application/json": components["schemas"]["PatientMerge"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Unprocessable Entity */
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 422,
                         *       "title": "the same Idempotency-Key came with another request",
                         *       "code": "request.idempotency_key_reused",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Service Unavailable */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 503,
                         *       "title": "the content cannot be fetched now",
                         *       "code": "content.not_here_yet",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the members of the channel and its settings */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "channel": "health",
                         *       "organizations": [
                         *         {
                         *           "mspId": "NorthMSP",
                         *           "name": "Nora Brandt",
                         *           "kind": "hospital",
                         *           "sealingKeyId": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *           "suspendedAt": "2026-03-01T08:00:00Z"
                         *         }
                         *       ],
                         *       "settings": {
                         *         "permitMaxAgeSeconds": 1,
                         *         "maxStatementsInForce": 1,
                         *         "maxEmergencyHours": 1,
                         *         "reviewDueHours": 1,
                         *         "broadPermitWaitHours": 1,
                         *         "broadPermitDays": 1
                         *       }
                         *     }
                         */
                        "application/json": components["schemas"]["OrganizationList"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/proposals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what members proposed and who voted for it, newest first */
        get: {
            parameters: {
                query?: {
                    /** @description What an earlier page of this list gave for the next one. */
                    cursor?: string;
                    /** @description Items of a page, 1 to 500; 200 unless told. */
                    limit?: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "proposals": [
                         *         {
                         *           "proposal": {
                         *             "proposalId": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *             "change": {
                         *               "admit": {
                         *                 "mspId": "NorthMSP",
                         *                 "name": "Nora Brandt",
                         *                 "kind": "hospital",
                         *                 "sealingKey": {},
                         *                 "suspendedAt": "2026-03-01T08:00:00Z",
                         *                 "reinstatedAt": "2026-03-01T08:00:00Z"
                         *               },
                         *               "kind": {
                         *                 "mspId": "NorthMSP",
                         *                 "kind": "hospital"
                         *               },
                         *               "suspend": "text",
                         *               "reinstate": "text",
                         *               "settings": {
                         *                 "permitMaxAgeSeconds": 1,
                         *                 "maxStatementsInForce": 1,
                         *                 "maxEmergencyHours": 1,
                         *                 "reviewDueHours": 1,
                         *                 "broadPermitWaitHours": 1,
                         *                 "broadPermitDays": 1
                         *               }
                         *             },
                         *             "proposedBy": "text",
                         *             "proposedAt": "2026-03-01T08:00:00Z",
                         *             "appliedAt": "2026-03-01T08:00:00Z"
                         *           },
                         *           "votes": [
                         *             {
                         *               "proposalId": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *               "member": "NorthMSP",
                         *               "votedAt": "2026-03-01T08:00:00Z"
                         *             }
                         *           ]
                         *         }
                         *       ],
                         *       "next": "aGVhbHRoc2hhcmU"
                         *     }
                         */
                        "application/json": components["schemas"]["ProposalPage"];
                    };
                };
                /** @description Bad Request */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 400,
                         *       "title": "a value, the body, a cursor or an id of an event is not as it should be",
                         *       "code": "request.invalid",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        put?: never;
        /**
         * Propose a new member, a change of kind, a suspension or its end, or other settings
         * @description Proposing is this member's vote. With the votes of more than half of the active members it holds from the next block on. With the header Idempotency-Key a repetition has no second effect.
         */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description The same request with the same key has no second effect and, for a day, the same answer. */
                    "Idempotency-Key"?: string;
                };
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    /**
                     * @example {
                     *       "admit": {
                     *         "mspId": "NorthMSP",
                     *         "name": "Nora Brandt",
                     *         "kind": "hospital",
                     *         "sealingKey": {
                     *           "keyId": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                     *           "publicKey": "aGVhbHRoc2hhcmU"
                     *         },
                     *         "suspendedAt": "2026-03-01T08:00:00Z",
                     *         "reinstatedAt": "2026-03-01T08:00:00Z"
                     *       },
                     *       "kind": {
                     *         "mspId": "NorthMSP",
                     *         "kind": "hospital"
                     *       },
                     *       "suspend": "text",
                     *       "reinstate": "text",
                     *       "settings": {
                     *         "permitMaxAgeSeconds": 1,
                     *         "maxStatementsInForce": 1,
                     *         "maxEmergencyHours": 1,
                     *         "reviewDueHours": 1,
                     *         "broadPermitWaitHours": 1,
                     *         "broadPermitDays": 1
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["GovernanceChange"];
                };
            };
            responses: {
                /** @description Created */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "proposalId": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "change": {
                         *         "admit": {
                         *           "mspId": "NorthMSP",
                         *           "name": "Nora Brandt",
                         *           "kind": "hospital",
                         *           "sealingKey": {
                         *             "keyId": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *             "publicKey": "aGVhbHRoc2hhcmU"
                         *           },
                         *           "suspendedAt": "2026-03-01T08:00:00Z",
                         *           "reinstatedAt": "2026-03-01T08:00:00Z"
                         *         },
                         *         "kind": {
                         *           "mspId": "NorthMSP",
                         *           "kind": "hospital"
                         *         },
                         *         "suspend": "text",
                         *         "reinstate": "text",
                         *         "settings": {
                         *           "permitMaxAgeSeconds": 1,
                         *           "maxStatementsInForce": 1,
                         *           "maxEmergencyHours": 1,
                         *           "reviewDueHours": 1,
                         *           "broadPermitWaitHours": 1,
                         *           "broadPermitDays": 1
                         *         }
                         *       },
                         *       "proposedBy": "text",
                         *       "proposedAt": "2026-03-01T08:00:00Z",
                         *       "appliedAt": "2026-03-01T08:00:00Z"
                         *     }
                         */
                        "application/json": components["schemas"]["ProposalEntry"];
                    };
                };
                /** @description Bad Request */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 400,
                         *       "title": "a value, the body, a cursor or an id of an event is not as it should be",
                         *       "code": "request.invalid",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Unprocessable Entity */
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 422,
                         *       "title": "the same Idempotency-Key came with another request",
                         *       "code": "request.idempotency_key_reused",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Service Unavailable */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 503,
                         *       "title": "the content cannot be fetched now",
                         *       "code": "content.not_here_yet",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/proposals/{proposalId}/votes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Cast this member's vote for a proposal */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description The same request with the same key has no second effect and, for a day, the same answer. */
                    "Idempotency-Key"?: string;
                };
                path: {
                    proposalId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "proposalId": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "change": {
                         *         "admit": {
                         *           "mspId": "NorthMSP",
                         *           "name": "Nora Brandt",
                         *           "kind": "hospital",
                         *           "sealingKey": {
                         *             "keyId": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *             "publicKey": "aGVhbHRoc2hhcmU"
                         *           },
                         *           "suspendedAt": "2026-03-01T08:00:00Z",
                         *           "reinstatedAt": "2026-03-01T08:00:00Z"
                         *         },
                         *         "kind": {
                         *           "mspId": "NorthMSP",
                         *           "kind": "hospital"
                         *         },
                         *         "suspend": "text",
                         *         "reinstate": "text",
                         *         "settings": {
                         *           "permitMaxAgeSeconds": 1,
                         *           "maxStatementsInForce": 1,
                         *           "maxEmergencyHours": 1,
                         *           "reviewDueHours": 1,
                         *           "broadPermitWaitHours": 1,
                         *           "broadPermitDays": 1
                         *         }
                         *       },
                         *       "proposedBy": "text",
                         *       "proposedAt": "2026-03-01T08:00:00Z",
                         *       "appliedAt": "2026-03-01T08:00:00Z"
                         *     }
                         */
                        "application/json": components["schemas"]["ProposalEntry"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Unprocessable Entity */
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 422,
                         *       "title": "the same Idempotency-Key came with another request",
                         *       "code": "request.idempotency_key_reused",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Service Unavailable */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 503,
                         *       "title": "the content cannot be fetched now",
                         *       "code": "content.not_here_yet",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/patients/{patientId}/consents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List a patient's grants, those in force first
         * @description Then those that ended, ended last first. At most 500 a page, 200 unless told.
         */
        get: {
            parameters: {
                query?: {
                    /** @description What an earlier page of this list gave for the next one. */
                    cursor?: string;
                    /** @description Items of a page, 1 to 500; 200 unless told. */
                    limit?: number;
                };
                header?: never;
                path: {
                    patientId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "consents": [
                         *         {
                         *           "id": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *           "status": "active",
                         *           "effect": "permit",
                         *           "body": {},
                         *           "issued": "2026-03-01T08:00:00Z",
                         *           "acceptedAt": "2026-03-01T08:00:00Z",
                         *           "relayedBy": "NorthMSP",
                         *           "credential": "aGVhbHRoc2hhcmU",
                         *           "revokedBy": "text",
                         *           "revokedAt": "2026-03-01T08:00:00Z",
                         *           "statement": "aGVhbHRoc2hhcmU",
                         *           "attestedBy": "text",
                         *           "form": "text",
                         *           "delegate": "dg-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *           "committedBy": [
                         *             "NorthMSP"
                         *           ],
                         *           "effectiveFrom": "2026-03-01T08:00:00Z",
                         *           "coSignedBy": "text",
                         *           "usesLeft": 1,
                         *           "lapse": "erased"
                         *         }
                         *       ],
                         *       "next": "aGVhbHRoc2hhcmU"
                         *     }
                         */
                        "application/json": components["schemas"]["ConsentsOfPatient"];
                    };
                };
                /** @description Bad Request */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 400,
                         *       "title": "a value, the body, a cursor or an id of an event is not as it should be",
                         *       "code": "request.invalid",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        put?: never;
        /**
         * Bring a signed grant (permit or deny) to the channel
         * @description A deny, and what replaces another grant, is answered with 201 and committedBy once two members' peers have committed it; with 202 while only one has.
         */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description The same request with the same key has no second effect and, for a day, the same answer. */
                    "Idempotency-Key"?: string;
                };
                path: {
                    patientId: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    /**
                     * @example {
                     *       "statement": "aGVhbHRoc2hhcmU",
                     *       "assertion": {
                     *         "credential": "aGVhbHRoc2hhcmU",
                     *         "authenticatorData": "aGVhbHRoc2hhcmU",
                     *         "clientDataJSON": "aGVhbHRoc2hhcmU",
                     *         "signature": "aGVhbHRoc2hhcmU"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["SignedStatement"];
                };
            };
            responses: {
                /** @description Created */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "id": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "status": "active",
                         *       "effect": "permit",
                         *       "body": {},
                         *       "issued": "2026-03-01T08:00:00Z",
                         *       "acceptedAt": "2026-03-01T08:00:00Z",
                         *       "relayedBy": "NorthMSP",
                         *       "credential": "aGVhbHRoc2hhcmU",
                         *       "revokedBy": "text",
                         *       "revokedAt": "2026-03-01T08:00:00Z",
                         *       "statement": "aGVhbHRoc2hhcmU",
                         *       "attestedBy": "text",
                         *       "form": "text",
                         *       "delegate": "dg-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "committedBy": [
                         *         "NorthMSP"
                         *       ],
                         *       "effectiveFrom": "2026-03-01T08:00:00Z",
                         *       "coSignedBy": "text",
                         *       "usesLeft": 1,
                         *       "lapse": "erased"
                         *     }
                         */
                        "application/json": components["schemas"]["Consent"];
                    };
                };
                /** @description Accepted */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "id": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "status": "active",
                         *       "effect": "permit",
                         *       "body": {},
                         *       "issued": "2026-03-01T08:00:00Z",
                         *       "acceptedAt": "2026-03-01T08:00:00Z",
                         *       "relayedBy": "NorthMSP",
                         *       "credential": "aGVhbHRoc2hhcmU",
                         *       "revokedBy": "text",
                         *       "revokedAt": "2026-03-01T08:00:00Z",
                         *       "statement": "aGVhbHRoc2hhcmU",
                         *       "attestedBy": "text",
                         *       "form": "text",
                         *       "delegate": "dg-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "committedBy": [
                         *         "NorthMSP"
                         *       ],
                         *       "effectiveFrom": "2026-03-01T08:00:00Z",
                         *       "coSignedBy": "text",
                         *       "usesLeft": 1,
                         *       "lapse": "erased"
                         *     }
                         */
                        "application/json": components["schemas"]["Consent"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Unprocessable Entity */
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 422,
                         *       "title": "the same Idempotency-Key came with another request",
                         *       "code": "request.idempotency_key_reused",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Service Unavailable */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 503,
                         *       "title": "the content cannot be fetched now",
                         *       "code": "content.not_here_yet",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/patients/{patientId}/consents/{statementId}/co-signature": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Bring a second signature under a broad permit, by a credential of another site, to the channel */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description The same request with the same key has no second effect and, for a day, the same answer. */
                    "Idempotency-Key"?: string;
                };
                path: {
                    patientId: string;
                    statementId: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    /**
                     * @example {
                     *       "credential": "aGVhbHRoc2hhcmU",
                     *       "authenticatorData": "aGVhbHRoc2hhcmU",
                     *       "clientDataJSON": "aGVhbHRoc2hhcmU",
                     *       "signature": "aGVhbHRoc2hhcmU"
                     *     }
                     */
                    "application/json": components["schemas"]["SignedAssertion"];
                };
            };
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "id": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "status": "active",
                         *       "effect": "permit",
                         *       "body": {},
                         *       "issued": "2026-03-01T08:00:00Z",
                         *       "acceptedAt": "2026-03-01T08:00:00Z",
                         *       "relayedBy": "NorthMSP",
                         *       "credential": "aGVhbHRoc2hhcmU",
                         *       "revokedBy": "text",
                         *       "revokedAt": "2026-03-01T08:00:00Z",
                         *       "statement": "aGVhbHRoc2hhcmU",
                         *       "attestedBy": "text",
                         *       "form": "text",
                         *       "delegate": "dg-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "committedBy": [
                         *         "NorthMSP"
                         *       ],
                         *       "effectiveFrom": "2026-03-01T08:00:00Z",
                         *       "coSignedBy": "text",
                         *       "usesLeft": 1,
                         *       "lapse": "erased"
                         *     }
                         */
                        "application/json": components["schemas"]["Consent"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Unprocessable Entity */
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 422,
                         *       "title": "the same Idempotency-Key came with another request",
                         *       "code": "request.idempotency_key_reused",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Service Unavailable */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 503,
                         *       "title": "the content cannot be fetched now",
                         *       "code": "content.not_here_yet",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/patients/{patientId}/consents/{statementId}/revocation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Bring the signed revocation of a grant to the channel
         * @description 200 with committedBy once two members' peers have committed it; 202 while only one has. What takes longer than a set time is submitted through another member as well. What the patient revoked before is answered in the same way, with the first revocation.
         */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description The same request with the same key has no second effect and, for a day, the same answer. */
                    "Idempotency-Key"?: string;
                };
                path: {
                    patientId: string;
                    statementId: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    /**
                     * @example {
                     *       "statement": "aGVhbHRoc2hhcmU",
                     *       "assertion": {
                     *         "credential": "aGVhbHRoc2hhcmU",
                     *         "authenticatorData": "aGVhbHRoc2hhcmU",
                     *         "clientDataJSON": "aGVhbHRoc2hhcmU",
                     *         "signature": "aGVhbHRoc2hhcmU"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["SignedStatement"];
                };
            };
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "id": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "status": "active",
                         *       "effect": "permit",
                         *       "body": {},
                         *       "issued": "2026-03-01T08:00:00Z",
                         *       "acceptedAt": "2026-03-01T08:00:00Z",
                         *       "relayedBy": "NorthMSP",
                         *       "credential": "aGVhbHRoc2hhcmU",
                         *       "revokedBy": "text",
                         *       "revokedAt": "2026-03-01T08:00:00Z",
                         *       "statement": "aGVhbHRoc2hhcmU",
                         *       "attestedBy": "text",
                         *       "form": "text",
                         *       "delegate": "dg-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "committedBy": [
                         *         "NorthMSP"
                         *       ],
                         *       "effectiveFrom": "2026-03-01T08:00:00Z",
                         *       "coSignedBy": "text",
                         *       "usesLeft": 1,
                         *       "lapse": "erased"
                         *     }
                         */
                        "application/json": components["schemas"]["Consent"];
                    };
                };
                /** @description Accepted */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "id": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "status": "active",
                         *       "effect": "permit",
                         *       "body": {},
                         *       "issued": "2026-03-01T08:00:00Z",
                         *       "acceptedAt": "2026-03-01T08:00:00Z",
                         *       "relayedBy": "NorthMSP",
                         *       "credential": "aGVhbHRoc2hhcmU",
                         *       "revokedBy": "text",
                         *       "revokedAt": "2026-03-01T08:00:00Z",
                         *       "statement": "aGVhbHRoc2hhcmU",
                         *       "attestedBy": "text",
                         *       "form": "text",
                         *       "delegate": "dg-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "committedBy": [
                         *         "NorthMSP"
                         *       ],
                         *       "effectiveFrom": "2026-03-01T08:00:00Z",
                         *       "coSignedBy": "text",
                         *       "usesLeft": 1,
                         *       "lapse": "erased"
                         *     }
                         */
                        "application/json": components["schemas"]["Consent"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Unprocessable Entity */
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 422,
                         *       "title": "the same Idempotency-Key came with another request",
                         *       "code": "request.idempotency_key_reused",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Service Unavailable */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 503,
                         *       "title": "the content cannot be fetched now",
                         *       "code": "content.not_here_yet",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/patients/{patientId}/consents/own": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** For who signs in the patient's place: the grants in force that this person signed */
        get: {
            parameters: {
                query?: {
                    /** @description What an earlier page of this list gave for the next one. */
                    cursor?: string;
                    /** @description Items of a page, 1 to 500; 200 unless told. */
                    limit?: number;
                };
                header?: never;
                path: {
                    patientId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "consents": [
                         *         {
                         *           "id": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *           "status": "active",
                         *           "effect": "permit",
                         *           "body": {},
                         *           "issued": "2026-03-01T08:00:00Z",
                         *           "acceptedAt": "2026-03-01T08:00:00Z",
                         *           "relayedBy": "NorthMSP",
                         *           "credential": "aGVhbHRoc2hhcmU",
                         *           "revokedBy": "text",
                         *           "revokedAt": "2026-03-01T08:00:00Z",
                         *           "statement": "aGVhbHRoc2hhcmU",
                         *           "attestedBy": "text",
                         *           "form": "text",
                         *           "delegate": "dg-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *           "committedBy": [
                         *             "NorthMSP"
                         *           ],
                         *           "effectiveFrom": "2026-03-01T08:00:00Z",
                         *           "coSignedBy": "text",
                         *           "usesLeft": 1,
                         *           "lapse": "erased"
                         *         }
                         *       ],
                         *       "next": "aGVhbHRoc2hhcmU"
                         *     }
                         */
                        "application/json": components["schemas"]["ConsentsOfPatient"];
                    };
                };
                /** @description Bad Request */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 400,
                         *       "title": "a value, the body, a cursor or an id of an event is not as it should be",
                         *       "code": "request.invalid",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/patients/{patientId}/consents/explain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Say whether somebody may read a record, why, and what would change it
         * @description The words are in the language that Accept-Language asks for, else in English.
         */
        get: {
            parameters: {
                query: {
                    record: string;
                    org: string;
                    role: string;
                    purpose?: string;
                    staff?: string;
                    custodian?: string;
                };
                header?: never;
                path: {
                    patientId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "permitted": false,
                         *       "reason": "permit.signed",
                         *       "words": "text",
                         *       "statementId": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "provision": 1,
                         *       "part": {},
                         *       "notAfter": "2026-03-01T08:00:00Z",
                         *       "changes": [
                         *         {
                         *           "code": "permit.signed",
                         *           "words": "text",
                         *           "statementId": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa"
                         *         }
                         *       ],
                         *       "at": "2026-03-01T08:00:00Z"
                         *     }
                         */
                        "application/json": components["schemas"]["ConsentExplanation"];
                    };
                };
                /** @description Bad Request */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 400,
                         *       "title": "a value, the body, a cursor or an id of an event is not as it should be",
                         *       "code": "request.invalid",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/patients/{patientId}/consents/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Say who could read what if a grant were signed
         * @description The body of a grant (application/json), or a FHIR R4 or R5 Consent (application/fhir+json). Nothing is kept. What would be refused once it is signed is refused here, with the same code.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    patientId: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    /**
                     * @example {
                     *       "effect": "permit",
                     *       "scope": [
                     *         {
                     *           "purpose": [
                     *             "TREAT"
                     *           ]
                     *         }
                     *       ],
                     *       "period": {
                     *         "start": "2026-03-01T08:00:00Z",
                     *         "end": "2026-04-01T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": unknown;
                    /**
                     * @example {
                     *       "resourceType": "Consent",
                     *       "status": "active"
                     *     }
                     */
                    "application/fhir+json": unknown;
                };
            };
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "at": "2026-03-01T08:00:00Z",
                         *       "statements": [
                         *         {}
                         *       ],
                         *       "partial": false,
                         *       "records": [
                         *         {
                         *           "recordId": "rc-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *           "custodian": "NorthMSP",
                         *           "date": "2026-03-01T08:00:00Z",
                         *           "confidentiality": "text",
                         *           "categories": [
                         *             "text"
                         *           ],
                         *           "labels": [
                         *             "text"
                         *           ]
                         *         }
                         *       ],
                         *       "readers": [
                         *         {
                         *           "org": "text",
                         *           "role": "physician",
                         *           "staff": "sf-1f6c9b2e",
                         *           "purpose": "TREAT",
                         *           "words": "text",
                         *           "gained": 1,
                         *           "lost": 1,
                         *           "records": [
                         *             {
                         *               "recordId": "rc-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *               "custodian": "NorthMSP",
                         *               "before": {
                         *                 "permitted": false,
                         *                 "reason": "permit.signed",
                         *                 "statementId": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa"
                         *               },
                         *               "after": {
                         *                 "permitted": false,
                         *                 "reason": "permit.signed",
                         *                 "statementId": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa"
                         *               }
                         *             }
                         *           ]
                         *         }
                         *       ],
                         *       "waiting": {
                         *         "from": "2026-03-01T08:00:00Z",
                         *         "words": "text"
                         *       }
                         *     }
                         */
                        "application/json": components["schemas"]["ConsentPreview"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Payload Too Large */
                413: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 413,
                         *       "title": "the body is larger than the address accepts",
                         *       "code": "request.too_large",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Unsupported Media Type */
                415: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 415,
                         *       "title": "the address does not take that type of body",
                         *       "code": "request.unsupported_media_type",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Unprocessable Entity */
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 422,
                         *       "title": "the same Idempotency-Key came with another request",
                         *       "code": "request.idempotency_key_reused",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/patients/{patientId}/consents/{statementId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * See one grant; as a FHIR Consent where Accept is application/fhir+json
         * @description fhirVersion=5.0 in Accept asks for R5; R4 otherwise. A grant that the release cannot say is refused with the place, and so is one that does not count, for whatever reason.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    patientId: string;
                    statementId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Not Acceptable */
                406: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 406,
                         *       "title": "fhirVersion names a release of FHIR that is not known here; 415 for the type of a body",
                         *       "code": "fhir.release_unknown",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Unprocessable Entity */
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 422,
                         *       "title": "the same Idempotency-Key came with another request",
                         *       "code": "request.idempotency_key_reused",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/patients/{patientId}/consents/attestations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Vouch for a consent on paper or by word; it reaches this hospital's own records only */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description The same request with the same key has no second effect and, for a day, the same answer. */
                    "Idempotency-Key"?: string;
                };
                path: {
                    patientId: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    /**
                     * @example {
                     *       "form": "paper",
                     *       "body": {},
                     *       "id": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa"
                     *     }
                     */
                    "application/json": components["schemas"]["NewAttestation"];
                };
            };
            responses: {
                /** @description Created */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "id": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "status": "active",
                         *       "effect": "permit",
                         *       "body": {},
                         *       "issued": "2026-03-01T08:00:00Z",
                         *       "acceptedAt": "2026-03-01T08:00:00Z",
                         *       "relayedBy": "NorthMSP",
                         *       "credential": "aGVhbHRoc2hhcmU",
                         *       "revokedBy": "text",
                         *       "revokedAt": "2026-03-01T08:00:00Z",
                         *       "statement": "aGVhbHRoc2hhcmU",
                         *       "attestedBy": "text",
                         *       "form": "text",
                         *       "delegate": "dg-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "committedBy": [
                         *         "NorthMSP"
                         *       ],
                         *       "effectiveFrom": "2026-03-01T08:00:00Z",
                         *       "coSignedBy": "text",
                         *       "usesLeft": 1,
                         *       "lapse": "erased"
                         *     }
                         */
                        "application/json": components["schemas"]["Consent"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Unprocessable Entity */
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 422,
                         *       "title": "the same Idempotency-Key came with another request",
                         *       "code": "request.idempotency_key_reused",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Service Unavailable */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 503,
                         *       "title": "the content cannot be fetched now",
                         *       "code": "content.not_here_yet",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/patients/{patientId}/consents/attestations/{attestationId}/withdrawal": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take back what this hospital vouched for
         * @description 200 with committedBy once two members' peers have committed it; 202 while only one has. What takes longer than a set time is submitted through another member as well.
         */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description The same request with the same key has no second effect and, for a day, the same answer. */
                    "Idempotency-Key"?: string;
                };
                path: {
                    patientId: string;
                    attestationId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "id": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "status": "active",
                         *       "effect": "permit",
                         *       "body": {},
                         *       "issued": "2026-03-01T08:00:00Z",
                         *       "acceptedAt": "2026-03-01T08:00:00Z",
                         *       "relayedBy": "NorthMSP",
                         *       "credential": "aGVhbHRoc2hhcmU",
                         *       "revokedBy": "text",
                         *       "revokedAt": "2026-03-01T08:00:00Z",
                         *       "statement": "aGVhbHRoc2hhcmU",
                         *       "attestedBy": "text",
                         *       "form": "text",
                         *       "delegate": "dg-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "committedBy": [
                         *         "NorthMSP"
                         *       ],
                         *       "effectiveFrom": "2026-03-01T08:00:00Z",
                         *       "coSignedBy": "text",
                         *       "usesLeft": 1,
                         *       "lapse": "erased"
                         *     }
                         */
                        "application/json": components["schemas"]["Consent"];
                    };
                };
                /** @description Accepted */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "id": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "status": "active",
                         *       "effect": "permit",
                         *       "body": {},
                         *       "issued": "2026-03-01T08:00:00Z",
                         *       "acceptedAt": "2026-03-01T08:00:00Z",
                         *       "relayedBy": "NorthMSP",
                         *       "credential": "aGVhbHRoc2hhcmU",
                         *       "revokedBy": "text",
                         *       "revokedAt": "2026-03-01T08:00:00Z",
                         *       "statement": "aGVhbHRoc2hhcmU",
                         *       "attestedBy": "text",
                         *       "form": "text",
                         *       "delegate": "dg-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "committedBy": [
                         *         "NorthMSP"
                         *       ],
                         *       "effectiveFrom": "2026-03-01T08:00:00Z",
                         *       "coSignedBy": "text",
                         *       "usesLeft": 1,
                         *       "lapse": "erased"
                         *     }
                         */
                        "application/json": components["schemas"]["Consent"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Unprocessable Entity */
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 422,
                         *       "title": "the same Idempotency-Key came with another request",
                         *       "code": "request.idempotency_key_reused",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Service Unavailable */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 503,
                         *       "title": "the content cannot be fetched now",
                         *       "code": "content.not_here_yet",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/patients/{patientId}/consents/{id}/receipt": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Download the receipt of a grant, a revocation, an attestation or any other signed statement
         * @description Two members' nodes sign it; 'healthshare receipt verify' verifies it without the channel.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    patientId: string;
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Accepted */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 202,
                         *       "title": "no other member's node has it yet",
                         *       "code": "receipt.not_committed",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Service Unavailable */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 503,
                         *       "title": "the content cannot be fetched now",
                         *       "code": "content.not_here_yet",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/patients/{patientId}/consents/{id}/co-signature/receipt": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Download the receipt of the second signature under a broad permit */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    patientId: string;
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Accepted */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 202,
                         *       "title": "no other member's node has it yet",
                         *       "code": "receipt.not_committed",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Service Unavailable */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 503,
                         *       "title": "the content cannot be fetched now",
                         *       "code": "content.not_here_yet",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/patients/{patientId}/consents/{id}/withdrawal/receipt": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Download the receipt of an attested consent's withdrawal */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    patientId: string;
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Accepted */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 202,
                         *       "title": "no other member's node has it yet",
                         *       "code": "receipt.not_committed",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Service Unavailable */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 503,
                         *       "title": "the content cannot be fetched now",
                         *       "code": "content.not_here_yet",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/patients/{patientId}/attested-signers/{id}/receipt": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Download the receipt of the first word for a signer that hospitals vouch for */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    patientId: string;
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Accepted */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 202,
                         *       "title": "no other member's node has it yet",
                         *       "code": "receipt.not_committed",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Service Unavailable */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 503,
                         *       "title": "the content cannot be fetched now",
                         *       "code": "content.not_here_yet",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/patients/{patientId}/attested-signers/{id}/words/{member}/receipt": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Download the receipt of one hospital's word for such a signer */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    patientId: string;
                    id: string;
                    member: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Accepted */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 202,
                         *       "title": "no other member's node has it yet",
                         *       "code": "receipt.not_committed",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Service Unavailable */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 503,
                         *       "title": "the content cannot be fetched now",
                         *       "code": "content.not_here_yet",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/patients/{patientId}/attested-signers/{id}/objection/receipt": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Download the receipt of a hospital's objection to such a signer */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    patientId: string;
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Accepted */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 202,
                         *       "title": "no other member's node has it yet",
                         *       "code": "receipt.not_committed",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Service Unavailable */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 503,
                         *       "title": "the content cannot be fetched now",
                         *       "code": "content.not_here_yet",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/access-requests": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what you asked for and how much of it you read, newest first
         * @description Those of the role that you have now; at most 100 a page, 20 unless told.
         */
        get: {
            parameters: {
                query?: {
                    /** @description What an earlier page of this list gave for the next one. */
                    cursor?: string;
                    /** @description Items of a page, 1 to 100; 20 unless told. */
                    limit?: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "items": [
                         *         {
                         *           "id": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *           "patientId": "pt-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *           "purpose": "TREAT",
                         *           "askedAt": "2026-03-01T08:00:00Z",
                         *           "partial": false,
                         *           "read": 1
                         *         }
                         *       ],
                         *       "next": "aGVhbHRoc2hhcmU"
                         *     }
                         */
                        "application/json": components["schemas"]["OwnRequestPage"];
                    };
                };
                /** @description Bad Request */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 400,
                         *       "title": "a value, the body, a cursor or an id of an event is not as it should be",
                         *       "code": "request.invalid",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        put?: never;
        /**
         * Ask for records of a patient
         * @description Answers with what is permitted, and only that; the list is empty where nothing is. With the header Idempotency-Key a repetition has no second effect.
         */
        post: {
            parameters: {
                query?: never;
                header?: {
                    "Idempotency-Key"?: string;
                };
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    /**
                     * @example {
                     *       "patientId": "pt-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                     *       "purpose": "TREAT",
                     *       "recordIds": [
                     *         "rc-aaaaaaaaaaaaaaaaaaaaaaaaaa"
                     *       ],
                     *       "categories": [
                     *         "text"
                     *       ],
                     *       "emergencyId": "em-aaaaaaaaaaaaaaaaaaaaaaaaaa"
                     *     }
                     */
                    "application/json": components["schemas"]["NewAccessRequest"];
                };
            };
            responses: {
                /** @description Created */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "id": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "patientId": "pt-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "purpose": "TREAT",
                         *       "partial": false,
                         *       "records": [
                         *         {
                         *           "recordId": "rc-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *           "custodian": "NorthMSP",
                         *           "status": "active",
                         *           "fates": [
                         *             {
                         *               "relation": "text",
                         *               "by": "text",
                         *               "at": "2026-03-01T08:00:00Z"
                         *             }
                         *           ],
                         *           "parts": 1,
                         *           "reason": "permit.signed"
                         *         }
                         *       ]
                         *     }
                         */
                        "application/json": components["schemas"]["AccessRequestView"];
                    };
                };
                /** @description Bad Request */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 400,
                         *       "title": "a value, the body, a cursor or an id of an event is not as it should be",
                         *       "code": "request.invalid",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Unprocessable Entity */
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 422,
                         *       "title": "the same Idempotency-Key came with another request",
                         *       "code": "request.idempotency_key_reused",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Service Unavailable */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 503,
                         *       "title": "the content cannot be fetched now",
                         *       "code": "content.not_here_yet",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/access-requests/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** See what a request of your own permits now */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "id": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "patientId": "pt-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "purpose": "TREAT",
                         *       "partial": false,
                         *       "records": [
                         *         {
                         *           "recordId": "rc-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *           "custodian": "NorthMSP",
                         *           "status": "active",
                         *           "fates": [
                         *             {
                         *               "relation": "text",
                         *               "by": "text",
                         *               "at": "2026-03-01T08:00:00Z"
                         *             }
                         *           ],
                         *           "parts": 1,
                         *           "reason": "permit.signed"
                         *         }
                         *       ]
                         *     }
                         */
                        "application/json": components["schemas"]["AccessRequestView"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/access-requests/{id}/records/{recordId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a permitted record, the exact bytes received
         * @description 202 with Retry-After until the record's key has arrived.
         */
        get: {
            parameters: {
                query?: {
                    custodian?: string;
                };
                header?: never;
                path: {
                    id: string;
                    recordId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description Accepted */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Bad Gateway */
                502: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 502,
                         *       "title": "the content is not what its hospital registered",
                         *       "code": "content.not_authentic",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Service Unavailable */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 503,
                         *       "title": "the content cannot be fetched now",
                         *       "code": "content.not_here_yet",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/access-requests/{id}/records/{recordId}/parts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * See which documents and images a permitted record holds
         * @description Counts as a reading and is written down as one. 202 with Retry-After until the record's key has arrived.
         */
        get: {
            parameters: {
                query?: {
                    custodian?: string;
                };
                header?: never;
                path: {
                    id: string;
                    recordId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "parts": [
                         *         {
                         *           "number": 1,
                         *           "place": "text",
                         *           "mediaType": "text",
                         *           "size": 1
                         *         }
                         *       ]
                         *     }
                         */
                        "application/json": components["schemas"]["RecordPartList"];
                    };
                };
                /** @description Accepted */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Bad Gateway */
                502: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 502,
                         *       "title": "the content is not what its hospital registered",
                         *       "code": "content.not_authentic",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Service Unavailable */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 503,
                         *       "title": "the content cannot be fetched now",
                         *       "code": "content.not_here_yet",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/access-requests/{id}/records/{recordId}/parts/{number}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a document or an image in a permitted record by itself
         * @description Its bytes, with the media type that the message states. Counts as a reading of the record. 202 with Retry-After until the record's key has arrived.
         */
        get: {
            parameters: {
                query?: {
                    custodian?: string;
                };
                header?: never;
                path: {
                    id: string;
                    recordId: string;
                    number: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description Accepted */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Bad Gateway */
                502: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 502,
                         *       "title": "the content is not what its hospital registered",
                         *       "code": "content.not_authentic",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Service Unavailable */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 503,
                         *       "title": "the content cannot be fetched now",
                         *       "code": "content.not_here_yet",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/access-requests/{id}/records/{recordId}/provenance": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * See where a permitted record comes from
         * @description Counts as a reading and is written down as one. 202 with Retry-After until the record's key has arrived.
         */
        get: {
            parameters: {
                query?: {
                    custodian?: string;
                };
                header?: never;
                path: {
                    id: string;
                    recordId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "recordId": "rc-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "sendingApplication": {
                         *         "name": "Nora Brandt",
                         *         "universalId": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *         "universalIdType": "text"
                         *       },
                         *       "sendingFacility": {
                         *         "name": "Nora Brandt",
                         *         "universalId": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *         "universalIdType": "text"
                         *       },
                         *       "sentAt": "2026-03-01T08:00:00Z",
                         *       "messageType": "text",
                         *       "controlId": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "receivedAt": "2026-03-01T08:00:00Z",
                         *       "door": "text"
                         *     }
                         */
                        "application/json": components["schemas"]["RecordProvenance"];
                    };
                };
                /** @description Accepted */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Bad Gateway */
                502: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 502,
                         *       "title": "the content is not what its hospital registered",
                         *       "code": "content.not_authentic",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Service Unavailable */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 503,
                         *       "title": "the content cannot be fetched now",
                         *       "code": "content.not_here_yet",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/emergency-access": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List emergencies that wait for their review and that your organization declared or may review
         * @description What waits longest first; at most 500 a page, 100 unless told.
         */
        get: {
            parameters: {
                query?: {
                    /** @description What an earlier page of this list gave for the next one. */
                    cursor?: string;
                    /** @description Items of a page, 1 to 500; 100 unless told. */
                    limit?: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "emergencies": [
                         *         {
                         *           "id": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *           "patientId": "pt-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *           "member": "NorthMSP",
                         *           "role": "physician",
                         *           "reasonCode": "text",
                         *           "declaredBy": [
                         *             "text"
                         *           ],
                         *           "declaredAt": "2026-03-01T08:00:00Z",
                         *           "notAfter": "2026-03-01T08:00:00Z",
                         *           "reviewDue": "2026-03-01T08:00:00Z",
                         *           "review": {
                         *             "outcome": "justified",
                         *             "reviewer": "EastMSP",
                         *             "staff": "sf-1f6c9b2e",
                         *             "reviewedAt": "2026-03-01T08:00:00Z"
                         *           },
                         *           "reason": "permit.signed",
                         *           "commitment": "text",
                         *           "salt": "text",
                         *           "access": {
                         *             "id": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *             "patientId": "pt-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *             "purpose": "TREAT",
                         *             "partial": false,
                         *             "records": [
                         *               {
                         *                 "recordId": "rc-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *                 "custodian": "NorthMSP",
                         *                 "status": "active",
                         *                 "fates": [],
                         *                 "parts": 1,
                         *                 "reason": "permit.signed"
                         *               }
                         *             ]
                         *           }
                         *         }
                         *       ],
                         *       "next": "aGVhbHRoc2hhcmU"
                         *     }
                         */
                        "application/json": components["schemas"]["EmergencyPage"];
                    };
                };
                /** @description Bad Request */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 400,
                         *       "title": "a value, the body, a cursor or an id of an event is not as it should be",
                         *       "code": "request.invalid",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        put?: never;
        /**
         * Break the glass for one patient, with your signature and another member of staff's
         * @description Answers with the session and with what it permits, whose keys then arrive as for any access request; ask for more with POST /access-requests, purpose ETREAT and emergencyId. Sending the same again has no second effect.
         */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description The same request with the same key has no second effect and, for a day, the same answer. */
                    "Idempotency-Key"?: string;
                };
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    /**
                     * @example {
                     *       "statement": "aGVhbHRoc2hhcmU",
                     *       "first": {
                     *         "credential": "aGVhbHRoc2hhcmU",
                     *         "authenticatorData": "aGVhbHRoc2hhcmU",
                     *         "clientDataJSON": "aGVhbHRoc2hhcmU",
                     *         "signature": "aGVhbHRoc2hhcmU"
                     *       },
                     *       "second": {
                     *         "credential": "aGVhbHRoc2hhcmU",
                     *         "authenticatorData": "aGVhbHRoc2hhcmU",
                     *         "clientDataJSON": "aGVhbHRoc2hhcmU",
                     *         "signature": "aGVhbHRoc2hhcmU"
                     *       },
                     *       "reason": "permit.signed",
                     *       "salt": "text",
                     *       "recordIds": [
                     *         "rc-aaaaaaaaaaaaaaaaaaaaaaaaaa"
                     *       ],
                     *       "categories": [
                     *         "text"
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["NewEmergency"];
                };
            };
            responses: {
                /** @description Created */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "id": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "patientId": "pt-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "member": "NorthMSP",
                         *       "role": "physician",
                         *       "reasonCode": "text",
                         *       "declaredBy": [
                         *         "text"
                         *       ],
                         *       "declaredAt": "2026-03-01T08:00:00Z",
                         *       "notAfter": "2026-03-01T08:00:00Z",
                         *       "reviewDue": "2026-03-01T08:00:00Z",
                         *       "review": {
                         *         "outcome": "justified",
                         *         "reviewer": "EastMSP",
                         *         "staff": "sf-1f6c9b2e",
                         *         "reviewedAt": "2026-03-01T08:00:00Z"
                         *       },
                         *       "reason": "permit.signed",
                         *       "commitment": "text",
                         *       "salt": "text",
                         *       "access": {
                         *         "id": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *         "patientId": "pt-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *         "purpose": "TREAT",
                         *         "partial": false,
                         *         "records": [
                         *           {
                         *             "recordId": "rc-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *             "custodian": "NorthMSP",
                         *             "status": "active",
                         *             "fates": [
                         *               {
                         *                 "relation": "text",
                         *                 "by": "text",
                         *                 "at": "2026-03-01T08:00:00Z"
                         *               }
                         *             ],
                         *             "parts": 1,
                         *             "reason": "permit.signed"
                         *           }
                         *         ]
                         *       }
                         *     }
                         */
                        "application/json": components["schemas"]["EmergencyView"];
                    };
                };
                /** @description Bad Request */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 400,
                         *       "title": "a value, the body, a cursor or an id of an event is not as it should be",
                         *       "code": "request.invalid",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Unprocessable Entity */
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 422,
                         *       "title": "the same Idempotency-Key came with another request",
                         *       "code": "request.idempotency_key_reused",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Too Many Requests */
                429: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 429,
                         *       "title": "too many requests at once; Retry-After says when to come back",
                         *       "code": "request.too_many",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Service Unavailable */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 503,
                         *       "title": "the content cannot be fetched now",
                         *       "code": "content.not_here_yet",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/emergency-access/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** See an emergency */
        get: {
            parameters: {
                query?: {
                    member?: string;
                };
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "id": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "patientId": "pt-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "member": "NorthMSP",
                         *       "role": "physician",
                         *       "reasonCode": "text",
                         *       "declaredBy": [
                         *         "text"
                         *       ],
                         *       "declaredAt": "2026-03-01T08:00:00Z",
                         *       "notAfter": "2026-03-01T08:00:00Z",
                         *       "reviewDue": "2026-03-01T08:00:00Z",
                         *       "review": {
                         *         "outcome": "justified",
                         *         "reviewer": "EastMSP",
                         *         "staff": "sf-1f6c9b2e",
                         *         "reviewedAt": "2026-03-01T08:00:00Z"
                         *       },
                         *       "reason": "permit.signed",
                         *       "commitment": "text",
                         *       "salt": "text",
                         *       "access": {
                         *         "id": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *         "patientId": "pt-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *         "purpose": "TREAT",
                         *         "partial": false,
                         *         "records": [
                         *           {
                         *             "recordId": "rc-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *             "custodian": "NorthMSP",
                         *             "status": "active",
                         *             "fates": [
                         *               {
                         *                 "relation": "text",
                         *                 "by": "text",
                         *                 "at": "2026-03-01T08:00:00Z"
                         *               }
                         *             ],
                         *             "parts": 1,
                         *             "reason": "permit.signed"
                         *           }
                         *         ]
                         *       }
                         *     }
                         */
                        "application/json": components["schemas"]["EmergencyView"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/emergency-access/{id}/review": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Review another member's emergency, once */
        post: {
            parameters: {
                query?: {
                    member?: string;
                };
                header?: {
                    /** @description The same request with the same key has no second effect and, for a day, the same answer. */
                    "Idempotency-Key"?: string;
                };
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    /**
                     * @example {
                     *       "outcome": "justified"
                     *     }
                     */
                    "application/json": components["schemas"]["NewReview"];
                };
            };
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "id": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "patientId": "pt-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "member": "NorthMSP",
                         *       "role": "physician",
                         *       "reasonCode": "text",
                         *       "declaredBy": [
                         *         "text"
                         *       ],
                         *       "declaredAt": "2026-03-01T08:00:00Z",
                         *       "notAfter": "2026-03-01T08:00:00Z",
                         *       "reviewDue": "2026-03-01T08:00:00Z",
                         *       "review": {
                         *         "outcome": "justified",
                         *         "reviewer": "EastMSP",
                         *         "staff": "sf-1f6c9b2e",
                         *         "reviewedAt": "2026-03-01T08:00:00Z"
                         *       },
                         *       "reason": "permit.signed",
                         *       "commitment": "text",
                         *       "salt": "text",
                         *       "access": {
                         *         "id": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *         "patientId": "pt-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *         "purpose": "TREAT",
                         *         "partial": false,
                         *         "records": [
                         *           {
                         *             "recordId": "rc-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *             "custodian": "NorthMSP",
                         *             "status": "active",
                         *             "fates": [
                         *               {
                         *                 "relation": "text",
                         *                 "by": "text",
                         *                 "at": "2026-03-01T08:00:00Z"
                         *               }
                         *             ],
                         *             "parts": 1,
                         *             "reason": "permit.signed"
                         *           }
                         *         ]
                         *       }
                         *     }
                         */
                        "application/json": components["schemas"]["EmergencyView"];
                    };
                };
                /** @description Forbidden */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 403,
                         *       "title": "the role may not call this",
                         *       "code": "auth.forbidden",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Unprocessable Entity */
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 422,
                         *       "title": "the same Idempotency-Key came with another request",
                         *       "code": "request.idempotency_key_reused",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Service Unavailable */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 503,
                         *       "title": "the content cannot be fetched now",
                         *       "code": "content.not_here_yet",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/staff-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List this hospital's staff keys, revoked ones included */
        get: {
            parameters: {
                query?: {
                    /** @description What an earlier page of this list gave for the next one. */
                    cursor?: string;
                    /** @description Items of a page, 1 to 500; 200 unless told. */
                    limit?: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "keys": [
                         *         {
                         *           "member": "NorthMSP",
                         *           "staff": "sf-1f6c9b2e",
                         *           "role": "physician",
                         *           "credential": {
                         *             "credentialId": "aGVhbHRoc2hhcmU",
                         *             "publicKey": "aGVhbHRoc2hhcmU",
                         *             "rpId": "north.example",
                         *             "origins": [
                         *               "https://north.example"
                         *             ]
                         *           },
                         *           "registeredAt": "2026-03-01T08:00:00Z",
                         *           "revokedAt": "2026-03-01T08:00:00Z"
                         *         }
                         *       ],
                         *       "next": "aGVhbHRoc2hhcmU"
                         *     }
                         */
                        "application/json": components["schemas"]["StaffKeyPage"];
                    };
                };
                /** @description Bad Request */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 400,
                         *       "title": "a value, the body, a cursor or an id of an event is not as it should be",
                         *       "code": "request.invalid",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        put?: never;
        /** Register a staff key on the channel (COSE key, base64url) */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description The same request with the same key has no second effect and, for a day, the same answer. */
                    "Idempotency-Key"?: string;
                };
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    /**
                     * @example {
                     *       "staffId": "sf-1f6c9b2e",
                     *       "role": "physician",
                     *       "credential": {
                     *         "credentialId": "aGVhbHRoc2hhcmU",
                     *         "publicKey": "aGVhbHRoc2hhcmU",
                     *         "rpId": "north.example",
                     *         "origins": [
                     *           "https://north.example"
                     *         ]
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["NewStaffKey"];
                };
            };
            responses: {
                /** @description Created */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "member": "NorthMSP",
                         *       "staff": "sf-1f6c9b2e",
                         *       "role": "physician",
                         *       "credential": {
                         *         "credentialId": "aGVhbHRoc2hhcmU",
                         *         "publicKey": "aGVhbHRoc2hhcmU",
                         *         "rpId": "north.example",
                         *         "origins": [
                         *           "https://north.example"
                         *         ]
                         *       },
                         *       "registeredAt": "2026-03-01T08:00:00Z",
                         *       "revokedAt": "2026-03-01T08:00:00Z"
                         *     }
                         */
                        "application/json": components["schemas"]["StaffKeyEntry"];
                    };
                };
                /** @description Bad Request */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 400,
                         *       "title": "a value, the body, a cursor or an id of an event is not as it should be",
                         *       "code": "request.invalid",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Conflict */
                409: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 409,
                         *       "title": "another check of the contents runs",
                         *       "code": "content.check_running",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Unprocessable Entity */
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 422,
                         *       "title": "the same Idempotency-Key came with another request",
                         *       "code": "request.idempotency_key_reused",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Service Unavailable */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 503,
                         *       "title": "the content cannot be fetched now",
                         *       "code": "content.not_here_yet",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/staff-keys/{credentialId}/revocation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Revoke a staff key for ever; emergency sessions that rest on it are over */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description The same request with the same key has no second effect and, for a day, the same answer. */
                    "Idempotency-Key"?: string;
                };
                path: {
                    credentialId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "member": "NorthMSP",
                         *       "staff": "sf-1f6c9b2e",
                         *       "role": "physician",
                         *       "credential": {
                         *         "credentialId": "aGVhbHRoc2hhcmU",
                         *         "publicKey": "aGVhbHRoc2hhcmU",
                         *         "rpId": "north.example",
                         *         "origins": [
                         *           "https://north.example"
                         *         ]
                         *       },
                         *       "registeredAt": "2026-03-01T08:00:00Z",
                         *       "revokedAt": "2026-03-01T08:00:00Z"
                         *     }
                         */
                        "application/json": components["schemas"]["StaffKeyEntry"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Service Unavailable */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 503,
                         *       "title": "the content cannot be fetched now",
                         *       "code": "content.not_here_yet",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List webhooks, oldest first */
        get: {
            parameters: {
                query?: {
                    /** @description What an earlier page of this list gave for the next one. */
                    cursor?: string;
                    /** @description Items of a page, 1 to 500; 200 unless told. */
                    limit?: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "items": [
                         *         {
                         *           "id": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *           "url": "https://system.north.example/hook",
                         *           "topics": [
                         *             "incident"
                         *           ],
                         *           "description": "the laboratory's system",
                         *           "createdAt": "2026-03-01T08:00:00Z",
                         *           "createdBy": "text",
                         *           "failingSince": "2026-03-01T08:00:00Z",
                         *           "disabledAt": "2026-03-01T08:00:00Z",
                         *           "disabledCode": "text"
                         *         }
                         *       ],
                         *       "next": "aGVhbHRoc2hhcmU"
                         *     }
                         */
                        "application/json": components["schemas"]["WebhookPage"];
                    };
                };
                /** @description Bad Request */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 400,
                         *       "title": "a value, the body, a cursor or an id of an event is not as it should be",
                         *       "code": "request.invalid",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        put?: never;
        /**
         * Have one of the hospital's systems told of events
         * @description The answer shows the secret, once. Deliveries are signed as the Standard Webhooks convention has it.
         */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description The same request with the same key has no second effect and, for a day, the same answer. */
                    "Idempotency-Key"?: string;
                };
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    /**
                     * @example {
                     *       "url": "https://system.north.example/hook",
                     *       "topics": [
                     *         "incident"
                     *       ],
                     *       "description": "the laboratory's system"
                     *     }
                     */
                    "application/json": components["schemas"]["NewWebhook"];
                };
            };
            responses: {
                /** @description Created */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "webhook": {
                         *         "id": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *         "url": "https://system.north.example/hook",
                         *         "topics": [
                         *           "incident"
                         *         ],
                         *         "description": "the laboratory's system",
                         *         "createdAt": "2026-03-01T08:00:00Z",
                         *         "createdBy": "text",
                         *         "failingSince": "2026-03-01T08:00:00Z",
                         *         "disabledAt": "2026-03-01T08:00:00Z",
                         *         "disabledCode": "text"
                         *       },
                         *       "secret": "whsec_aGVhbHRoc2hhcmU"
                         *     }
                         */
                        "application/json": components["schemas"]["MadeWebhook"];
                    };
                };
                /** @description Bad Request */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 400,
                         *       "title": "a value, the body, a cursor or an id of an event is not as it should be",
                         *       "code": "request.invalid",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Forbidden */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 403,
                         *       "title": "the role may not call this",
                         *       "code": "auth.forbidden",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Conflict */
                409: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 409,
                         *       "title": "another check of the contents runs",
                         *       "code": "content.check_running",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks/{webhookId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** See a webhook */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    webhookId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "id": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "url": "https://system.north.example/hook",
                         *       "topics": [
                         *         "incident"
                         *       ],
                         *       "description": "the laboratory's system",
                         *       "createdAt": "2026-03-01T08:00:00Z",
                         *       "createdBy": "text",
                         *       "failingSince": "2026-03-01T08:00:00Z",
                         *       "disabledAt": "2026-03-01T08:00:00Z",
                         *       "disabledCode": "text"
                         *     }
                         */
                        "application/json": components["schemas"]["Webhook"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        /** Delete a webhook, its secret and its deliveries */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    webhookId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description No Content */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks/{webhookId}/enable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Switch a webhook on again that was switched off
         * @description What is kept goes out. lostBefore says that some of what happened before then is kept no longer. One whose maker was disabled is switched on by somebody who may read what it tells of, and is that person's from then on.
         */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description The same request with the same key has no second effect and, for a day, the same answer. */
                    "Idempotency-Key"?: string;
                };
                path: {
                    webhookId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "webhook": {
                         *         "id": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *         "url": "https://system.north.example/hook",
                         *         "topics": [
                         *           "incident"
                         *         ],
                         *         "description": "the laboratory's system",
                         *         "createdAt": "2026-03-01T08:00:00Z",
                         *         "createdBy": "text",
                         *         "failingSince": "2026-03-01T08:00:00Z",
                         *         "disabledAt": "2026-03-01T08:00:00Z",
                         *         "disabledCode": "text"
                         *       },
                         *       "lostBefore": "2026-03-01T08:00:00Z"
                         *     }
                         */
                        "application/json": components["schemas"]["EnabledWebhook"];
                    };
                };
                /** @description Forbidden */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 403,
                         *       "title": "the role may not call this",
                         *       "code": "auth.forbidden",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks/{webhookId}/secret": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give a webhook another secret; the old one signs nothing more
         * @description The answer shows the secret, once. Position and deliveries stay.
         */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description The same request with the same key has no second effect and, for a day, the same answer. */
                    "Idempotency-Key"?: string;
                };
                path: {
                    webhookId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "webhook": {
                         *         "id": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *         "url": "https://system.north.example/hook",
                         *         "topics": [
                         *           "incident"
                         *         ],
                         *         "description": "the laboratory's system",
                         *         "createdAt": "2026-03-01T08:00:00Z",
                         *         "createdBy": "text",
                         *         "failingSince": "2026-03-01T08:00:00Z",
                         *         "disabledAt": "2026-03-01T08:00:00Z",
                         *         "disabledCode": "text"
                         *       },
                         *       "secret": "whsec_aGVhbHRoc2hhcmU"
                         *     }
                         */
                        "application/json": components["schemas"]["MadeWebhook"];
                    };
                };
                /** @description Forbidden */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 403,
                         *       "title": "the role may not call this",
                         *       "code": "auth.forbidden",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks/{webhookId}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send a test */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description The same request with the same key has no second effect and, for a day, the same answer. */
                    "Idempotency-Key"?: string;
                };
                path: {
                    webhookId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Accepted */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "id": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "kind": "consentAccepted",
                         *       "state": "registered",
                         *       "createdAt": "2026-03-01T08:00:00Z",
                         *       "attempts": 1,
                         *       "lastAttemptAt": "2026-03-01T08:00:00Z",
                         *       "nextAttemptAt": "2026-03-01T08:00:00Z",
                         *       "outcome": "text"
                         *     }
                         */
                        "application/json": components["schemas"]["WebhookDelivery"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks/{webhookId}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send all again since a time, under the same ids */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description The same request with the same key has no second effect and, for a day, the same answer. */
                    "Idempotency-Key"?: string;
                };
                path: {
                    webhookId: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    /**
                     * @example {
                     *       "since": "2026-03-01T08:00:00Z"
                     *     }
                     */
                    "application/json": components["schemas"]["WebhookReplay"];
                };
            };
            responses: {
                /** @description Accepted */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "deliveries": 1
                         *     }
                         */
                        "application/json": components["schemas"]["WebhookReplayed"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks/{webhookId}/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * See what was sent and how it ended, newest first
         * @description At most 200 a page, 50 unless told.
         */
        get: {
            parameters: {
                query?: {
                    /** @description What an earlier page of this list gave for the next one. */
                    cursor?: string;
                    /** @description Items of a page, 1 to 200; 50 unless told. */
                    limit?: number;
                };
                header?: never;
                path: {
                    webhookId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "items": [
                         *         {
                         *           "id": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *           "kind": "consentAccepted",
                         *           "state": "registered",
                         *           "createdAt": "2026-03-01T08:00:00Z",
                         *           "attempts": 1,
                         *           "lastAttemptAt": "2026-03-01T08:00:00Z",
                         *           "nextAttemptAt": "2026-03-01T08:00:00Z",
                         *           "outcome": "text"
                         *         }
                         *       ],
                         *       "next": "aGVhbHRoc2hhcmU"
                         *     }
                         */
                        "application/json": components["schemas"]["WebhookDeliveries"];
                    };
                };
                /** @description Bad Request */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 400,
                         *       "title": "a value, the body, a cursor or an id of an event is not as it should be",
                         *       "code": "request.invalid",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks/{webhookId}/deliveries/{deliveryId}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send a delivery again, under the same id */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description The same request with the same key has no second effect and, for a day, the same answer. */
                    "Idempotency-Key"?: string;
                };
                path: {
                    webhookId: string;
                    deliveryId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Accepted */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "id": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "kind": "consentAccepted",
                         *       "state": "registered",
                         *       "createdAt": "2026-03-01T08:00:00Z",
                         *       "attempts": 1,
                         *       "lastAttemptAt": "2026-03-01T08:00:00Z",
                         *       "nextAttemptAt": "2026-03-01T08:00:00Z",
                         *       "outcome": "text"
                         *     }
                         */
                        "application/json": components["schemas"]["WebhookDelivery"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/verifications": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List verifications, newest first
         * @description At most 100 a page, 20 unless told.
         */
        get: {
            parameters: {
                query?: {
                    /** @description What an earlier page of this list gave for the next one. */
                    cursor?: string;
                    /** @description Items of a page, 1 to 100; 20 unless told. */
                    limit?: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "items": [
                         *         {
                         *           "id": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *           "state": "running",
                         *           "genesis": "text",
                         *           "startedAt": "2026-03-01T08:00:00Z",
                         *           "finishedAt": "2026-03-01T08:00:00Z",
                         *           "blocksDone": 1,
                         *           "blocksTotal": 1,
                         *           "result": {
                         *             "ok": false,
                         *             "channel": "health",
                         *             "genesisHash": "text",
                         *             "members": [
                         *               "NorthMSP"
                         *             ],
                         *             "blocks": 1,
                         *             "transactions": 1,
                         *             "outcomes": {
                         *               "north": 1
                         *             },
                         *             "signatures": 1,
                         *             "decisions": 1,
                         *             "releases": 1,
                         *             "blocksWithoutFlags": 1,
                         *             "notChecked": {
                         *               "north": 1
                         *             },
                         *             "fault": {
                         *               "kind": "consentAccepted",
                         *               "block": 1,
                         *               "transactionIndex": 1,
                         *               "transactionId": "6e0a4f0c2b",
                         *               "text": "text"
                         *             },
                         *             "rulesVersion": 1
                         *           },
                         *           "reason": "permit.signed"
                         *         }
                         *       ],
                         *       "next": "aGVhbHRoc2hhcmU"
                         *     }
                         */
                        "application/json": components["schemas"]["VerificationPage"];
                    };
                };
                /** @description Bad Request */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 400,
                         *       "title": "a value, the body, a cursor or an id of an event is not as it should be",
                         *       "code": "request.invalid",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        put?: never;
        /**
         * Verify every block of the channel, and every decision in it, in the background
         * @description As `healthshare audit verify` does. One at a time: 409 `verification.running` while another one runs. Ask the address in Location how far it is. A node that is stopped meanwhile says afterwards that the run was interrupted.
         */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description The same request with the same key has no second effect and, for a day, the same answer. */
                    "Idempotency-Key"?: string;
                };
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    /**
                     * @example {
                     *       "genesis": "text"
                     *     }
                     */
                    "application/json": components["schemas"]["VerificationOrder"];
                };
            };
            responses: {
                /** @description Accepted */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "id": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "state": "running",
                         *       "genesis": "text",
                         *       "startedAt": "2026-03-01T08:00:00Z",
                         *       "finishedAt": "2026-03-01T08:00:00Z",
                         *       "blocksDone": 1,
                         *       "blocksTotal": 1,
                         *       "result": {
                         *         "ok": false,
                         *         "channel": "health",
                         *         "genesisHash": "text",
                         *         "members": [
                         *           "NorthMSP"
                         *         ],
                         *         "blocks": 1,
                         *         "transactions": 1,
                         *         "outcomes": {
                         *           "north": 1
                         *         },
                         *         "signatures": 1,
                         *         "decisions": 1,
                         *         "releases": 1,
                         *         "blocksWithoutFlags": 1,
                         *         "notChecked": {
                         *           "north": 1
                         *         },
                         *         "fault": {
                         *           "kind": "consentAccepted",
                         *           "block": 1,
                         *           "transactionIndex": 1,
                         *           "transactionId": "6e0a4f0c2b",
                         *           "text": "text"
                         *         },
                         *         "rulesVersion": 1
                         *       },
                         *       "reason": "permit.signed"
                         *     }
                         */
                        "application/json": components["schemas"]["VerificationRun"];
                    };
                };
                /** @description Bad Request */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 400,
                         *       "title": "a value, the body, a cursor or an id of an event is not as it should be",
                         *       "code": "request.invalid",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Conflict */
                409: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 409,
                         *       "title": "another check of the contents runs",
                         *       "code": "content.check_running",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/verifications/{verificationId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** See how far a verification is, and what it found */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    verificationId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "id": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "state": "running",
                         *       "genesis": "text",
                         *       "startedAt": "2026-03-01T08:00:00Z",
                         *       "finishedAt": "2026-03-01T08:00:00Z",
                         *       "blocksDone": 1,
                         *       "blocksTotal": 1,
                         *       "result": {
                         *         "ok": false,
                         *         "channel": "health",
                         *         "genesisHash": "text",
                         *         "members": [
                         *           "NorthMSP"
                         *         ],
                         *         "blocks": 1,
                         *         "transactions": 1,
                         *         "outcomes": {
                         *           "north": 1
                         *         },
                         *         "signatures": 1,
                         *         "decisions": 1,
                         *         "releases": 1,
                         *         "blocksWithoutFlags": 1,
                         *         "notChecked": {
                         *           "north": 1
                         *         },
                         *         "fault": {
                         *           "kind": "consentAccepted",
                         *           "block": 1,
                         *           "transactionIndex": 1,
                         *           "transactionId": "6e0a4f0c2b",
                         *           "text": "text"
                         *         },
                         *         "rulesVersion": 1
                         *       },
                         *       "reason": "permit.signed"
                         *     }
                         */
                        "application/json": components["schemas"]["VerificationRun"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        /**
         * Stop a verification; one that is over stays as it is
         * @description It counts as interrupted, with the reason `verification.stopped`, and another one may begin.
         */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    verificationId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description No Content */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List messages, newest first
         * @description Never their contents. The facility is a token as in the answers, or MSH-4 as messages state it, with its components (`NORTH^1.2.3^ISO`), by a `^` between them; beside a control id it may be empty.
         */
        get: {
            parameters: {
                query?: {
                    state?: string;
                    from?: unknown;
                    to?: unknown;
                    facility?: string;
                    controlId?: string;
                    reused?: boolean;
                    /** @description What an earlier page of this list gave for the next one. */
                    cursor?: string;
                    /** @description Items of a page, 1 to 500; 50 unless told. */
                    limit?: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "messages": [
                         *         {
                         *           "id": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *           "state": "registered",
                         *           "door": "text",
                         *           "receivedAt": "2026-03-01T08:00:00Z",
                         *           "updatedAt": "2026-03-01T08:00:00Z",
                         *           "size": 1,
                         *           "type": "text",
                         *           "facility": "text",
                         *           "patientId": "pt-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *           "recordId": "rc-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *           "controlIdReused": false,
                         *           "repetitions": 1,
                         *           "reasonCode": "text",
                         *           "reason": "permit.signed",
                         *           "attempts": 1,
                         *           "steps": [
                         *             {
                         *               "at": "2026-03-01T08:00:00Z",
                         *               "step": "text",
                         *               "actor": "text",
                         *               "detail": "text"
                         *             }
                         *           ]
                         *         }
                         *       ],
                         *       "next": "aGVhbHRoc2hhcmU"
                         *     }
                         */
                        "application/json": components["schemas"]["MessagePage"];
                    };
                };
                /** @description Bad Request */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 400,
                         *       "title": "a value, the body, a cursor or an id of an event is not as it should be",
                         *       "code": "request.invalid",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        put?: never;
        /**
         * Hand in one HL7 v2 message (ER7)
         * @description Answers once the message is durable. The same message again is answered with 200 and has no second effect.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    /** @example MSH|^~\&|LAB|NORTH|HEALTHSHARE|NORTH|20260301080000||ORU^R01|4711|P|2.5.1 */
                    "application/hl7-v2": string;
                    /** @example MSH|^~\&|LAB|NORTH|HEALTHSHARE|NORTH|20260301080000||ORU^R01|4711|P|2.5.1 */
                    "text/plain": string;
                };
            };
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "id": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "state": "registered",
                         *       "duplicate": false,
                         *       "controlIdReused": false
                         *     }
                         */
                        "application/json": components["schemas"]["MessageReceipt"];
                    };
                };
                /** @description Accepted */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "id": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "state": "registered",
                         *       "duplicate": false,
                         *       "controlIdReused": false
                         *     }
                         */
                        "application/json": components["schemas"]["MessageReceipt"];
                    };
                };
                /** @description Bad Request */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 400,
                         *       "title": "a value, the body, a cursor or an id of an event is not as it should be",
                         *       "code": "request.invalid",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Payload Too Large */
                413: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 413,
                         *       "title": "the body is larger than the address accepts",
                         *       "code": "request.too_large",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Unprocessable Entity */
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 422,
                         *       "title": "the same Idempotency-Key came with another request",
                         *       "code": "request.idempotency_key_reused",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Service Unavailable */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 503,
                         *       "title": "the content cannot be fetched now",
                         *       "code": "content.not_here_yet",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/messages/batch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Hand in several HL7 v2 messages, with or without envelopes (FHS, BHS, BTS, FTS)
         * @description Answers once all are durable, and says of each what became of it. Where the envelopes are wrong nothing is taken. After 503 some may have been taken; the same body again has no second effect.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    /** @example MSH|^~\&|LAB|NORTH|HEALTHSHARE|NORTH|20260301080000||ORU^R01|4711|P|2.5.1 */
                    "application/hl7-v2": string;
                    /** @example MSH|^~\&|LAB|NORTH|HEALTHSHARE|NORTH|20260301080000||ORU^R01|4711|P|2.5.1 */
                    "text/plain": string;
                };
            };
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "messages": 1,
                         *       "accepted": 1,
                         *       "duplicates": 1,
                         *       "refused": 1,
                         *       "items": [
                         *         {
                         *           "index": 1,
                         *           "offset": 1,
                         *           "id": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *           "accepted": false,
                         *           "state": "registered",
                         *           "duplicate": false,
                         *           "controlIdReused": false,
                         *           "code": "permit.signed",
                         *           "reason": "permit.signed"
                         *         }
                         *       ],
                         *       "code": "permit.signed",
                         *       "reason": "permit.signed",
                         *       "offset": 1
                         *     }
                         */
                        "application/json": components["schemas"]["BatchReceipt"];
                    };
                };
                /** @description Bad Request */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 400,
                         *       "title": "a value, the body, a cursor or an id of an event is not as it should be",
                         *       "code": "request.invalid",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Payload Too Large */
                413: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 413,
                         *       "title": "the body is larger than the address accepts",
                         *       "code": "request.too_large",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Service Unavailable */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 503,
                         *       "title": "the content cannot be fetched now",
                         *       "code": "content.not_here_yet",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/messages/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** See how far a message has come, and what was done with it */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "id": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "state": "registered",
                         *       "door": "text",
                         *       "receivedAt": "2026-03-01T08:00:00Z",
                         *       "updatedAt": "2026-03-01T08:00:00Z",
                         *       "size": 1,
                         *       "type": "text",
                         *       "facility": "text",
                         *       "patientId": "pt-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "recordId": "rc-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "controlIdReused": false,
                         *       "repetitions": 1,
                         *       "reasonCode": "text",
                         *       "reason": "permit.signed",
                         *       "attempts": 1,
                         *       "steps": [
                         *         {
                         *           "at": "2026-03-01T08:00:00Z",
                         *           "step": "text",
                         *           "actor": "text",
                         *           "detail": "text"
                         *         }
                         *       ]
                         *     }
                         */
                        "application/json": components["schemas"]["MessageStatus"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/messages/{id}/content": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a message that waits or is in quarantine
         * @description Who reads is noted in the message's history first. 410 once the journal has let go of the content.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /** @example MSH|^~\&|LAB|NORTH|HEALTHSHARE|NORTH|20260301080000||ORU^R01|4711|P|2.5.1 */
                        "application/hl7-v2": string;
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Gone */
                410: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 410,
                         *       "title": "the journal has let go of the content",
                         *       "code": "message.content_gone",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/messages/{id}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take a message out of quarantine and through all steps again
         * @description Answers at once, with the state received. How it ends its state tells, a moment later: registered, or quarantined again with the reason.
         */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description The same request with the same key has no second effect and, for a day, the same answer. */
                    "Idempotency-Key"?: string;
                };
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "id": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "state": "registered",
                         *       "door": "text",
                         *       "receivedAt": "2026-03-01T08:00:00Z",
                         *       "updatedAt": "2026-03-01T08:00:00Z",
                         *       "size": 1,
                         *       "type": "text",
                         *       "facility": "text",
                         *       "patientId": "pt-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "recordId": "rc-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "controlIdReused": false,
                         *       "repetitions": 1,
                         *       "reasonCode": "text",
                         *       "reason": "permit.signed",
                         *       "attempts": 1,
                         *       "steps": [
                         *         {
                         *           "at": "2026-03-01T08:00:00Z",
                         *           "step": "text",
                         *           "actor": "text",
                         *           "detail": "text"
                         *         }
                         *       ]
                         *     }
                         */
                        "application/json": components["schemas"]["MessageStatus"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Conflict */
                409: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 409,
                         *       "title": "another check of the contents runs",
                         *       "code": "content.check_running",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/messages/{id}/discard": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take a message out of quarantine for good */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description The same request with the same key has no second effect and, for a day, the same answer. */
                    "Idempotency-Key"?: string;
                };
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    /**
                     * @example {
                     *       "reason": "permit.signed"
                     *     }
                     */
                    "application/json": components["schemas"]["DiscardOrder"];
                };
            };
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "id": "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "state": "registered",
                         *       "door": "text",
                         *       "receivedAt": "2026-03-01T08:00:00Z",
                         *       "updatedAt": "2026-03-01T08:00:00Z",
                         *       "size": 1,
                         *       "type": "text",
                         *       "facility": "text",
                         *       "patientId": "pt-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "recordId": "rc-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                         *       "controlIdReused": false,
                         *       "repetitions": 1,
                         *       "reasonCode": "text",
                         *       "reason": "permit.signed",
                         *       "attempts": 1,
                         *       "steps": [
                         *         {
                         *           "at": "2026-03-01T08:00:00Z",
                         *           "step": "text",
                         *           "actor": "text",
                         *           "detail": "text"
                         *         }
                         *       ]
                         *     }
                         */
                        "application/json": components["schemas"]["MessageStatus"];
                    };
                };
                /** @description Bad Request */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 400,
                         *       "title": "a value, the body, a cursor or an id of an event is not as it should be",
                         *       "code": "request.invalid",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 404,
                         *       "title": "nothing that the caller may see",
                         *       "code": "access.not_available",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Conflict */
                409: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 409,
                         *       "title": "another check of the contents runs",
                         *       "code": "content.check_running",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
                /** @description Service Unavailable */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        /**
                         * @example {
                         *       "status": 503,
                         *       "title": "the content cannot be fetched now",
                         *       "code": "content.not_here_yet",
                         *       "requestId": "4bf92f3577b34da6a3ce929d0e0e4736"
                         *     }
                         */
                        "application/problem+json": components["schemas"]["ProblemDetails"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description The decision on one record. */
        AccessLogDecision: {
            /** @description The record. */
            recordId: string;
            /** @description MSP id of its custodian. */
            custodian: string;
            /** @description True when it could be read. */
            permitted: boolean;
            /** @description Reason code, such as `permit.signed` or `deny.default`. */
            reason: string;
            /** @description The statement that decided; null when none did. */
            statementId: null | string;
            /**
             * Format: date-time
             * @description When the permit ends; null for a denial.
             */
            notAfter: string;
        };
        /** @description A request for a patient's records, a record given out, an emergency or its review. */
        AccessLogItem: {
            /** @description `request`, `read` where this node gave a record's content out, `emergency` or `emergencyReview`. */
            kind: string;
            /**
             * Format: date-time
             * @description When.
             */
            at: string;
            /** @description True for a request that every member knows of; false for what only this node's own log holds. */
            onLedger: boolean;
            /** @description Id of the access; a reading has that of its request, an emergency and its review the emergency's. */
            accessId: string;
            /** @description MSP id of the member that asked or read. */
            requester: string;
            /** @description Staff id of the reader, as that member says. */
            staff: null | string;
            /** @description Role of the reader, as that member says. */
            role: null | string;
            /** @description Purpose of use. */
            purpose: null | string;
            /** @description For a request: what was decided about each record. */
            decisions: components["schemas"]["AccessLogDecision"][];
            /** @description For a request: what was disclosed by it to another member, and when. */
            releases: components["schemas"]["AccessLogRelease"][];
            /** @description For a reading: MSP id of the record's custodian; null otherwise. */
            custodian?: null | string;
            /** @description For a reading: the record; null otherwise. */
            recordId?: null | string;
            /** @description For a request or a reading in an emergency: the emergency; null otherwise. */
            emergencyId?: null | string;
            emergency?: null | components["schemas"]["EmergencyView"];
        };
        /** @description A page of a patient's access log, what was noted last first. */
        AccessLogPage: {
            /** @description The items. */
            items: components["schemas"]["AccessLogItem"][];
            /** @description Cursor of the next page; null on the last. */
            next: null | string;
        };
        /** @description A disclosure: keys released to the member that asked. */
        AccessLogRelease: {
            /** @description Its id. */
            releaseId: string;
            /** @description MSP id of the member that released them. */
            custodian: string;
            /**
             * Format: date-time
             * @description When.
             */
            releasedAt: string;
            /** @description The records. */
            recordIds: string[];
        };
        /** @description An access request with what it permits at this moment, and nothing else. */
        AccessRequestView: {
            /** @description Id of the request, `ac-…`. */
            id: string;
            /** @description The patient. */
            patientId: string;
            /** @description Purpose of use. */
            purpose: string;
            /**
             * @description True when not everything could be considered: this node's copy of the channel was too old for other hospitals' records, or
             *     more than 1,000 records matched, of which the newest count, or categories were asked for, which this hospital cannot tell apart
             *     before the patient has linked it.
             */
            partial: boolean;
            /** @description What may be read; empty where nothing may. */
            records: components["schemas"]["AccessibleRecord"][];
        };
        /** @description A record that may be read. */
        AccessibleRecord: {
            /** @description The record, `rc-…`. */
            recordId: string;
            /** @description MSP id of the hospital that holds it. */
            custodian: string;
            /** @description `ready`; `pending` until its key has arrived; `failed` where its key did not come and will not, so that it takes a new request. */
            status: string;
            /** @description What became of it by later records; empty for one that stands as it is. */
            fates: components["schemas"]["RecordFate"][];
            /**
             * Format: int32
             * @description How many documents and images in it can be read by themselves.
             */
            parts: number;
            /**
             * @description Why it failed: `access.expired` (the decision ended before the key came), `access.not_confirmed` (the custodian's own check
             *     does not confirm the decision), or what was wrong with the key that came. Null with any other status.
             */
            reason?: null | string;
        };
        /** @description A member that may hold the patient's label key and register records. */
        AffiliationEntry: {
            /** @description Patient. */
            patientId: string;
            /** @description MSP id. */
            member: string;
            /**
             * Format: date-time
             * @description Proposal time.
             */
            since: string;
            /** @description The signed link; null for the member that enrolled the patient. */
            statementId?: null | string;
        };
        /**
         * @description How a patient consented where nothing was signed with a credential.
         * @enum {unknown}
         */
        AttestationForm: "paper" | "word";
        /** @description The first fault, of the blocks or of what stands in them, as a program reads it. */
        AuditFault: {
            kind: string;
            /** Format: uint64 */
            block: number | string;
            /** Format: int32 */
            transactionIndex: number | null;
            transactionId: null | string;
            text: string;
        };
        /**
         * @description The result as a program reads it; int? AuditResult.RulesVersion is int DecisionReplay.RulesVersion as it was then, null where it came
         *     to no replay, and in results from before there were versions.
         */
        AuditResult: {
            ok: boolean;
            channel: string;
            genesisHash: string;
            members: string[];
            /** Format: uint64 */
            blocks: number | string;
            /** Format: int64 */
            transactions: number;
            outcomes: {
                [key: string]: number;
            };
            /** Format: int64 */
            signatures: number;
            /** Format: int64 */
            decisions: number;
            /** Format: int64 */
            releases: number;
            /** Format: int64 */
            blocksWithoutFlags: number;
            notChecked: {
                [key: string]: number;
            };
            fault: null | components["schemas"]["AuditFault"];
            /** Format: int32 */
            rulesVersion?: number | null;
        };
        /** @description What became of one message of several. */
        BatchItem: {
            /**
             * Format: int32
             * @description Its place, from 0.
             */
            index: number;
            /**
             * Format: int32
             * @description Where it begins, in bytes.
             */
            offset: number;
            /** @description Id of the message here, to ask for its state. */
            id: string;
            /** @description False when it was refused, and is in quarantine. */
            accepted: boolean;
            /** @description How far it has come. */
            state: string;
            /** @description True when the same message was here already. */
            duplicate: boolean;
            /** @description True when its facility used the same control id for other content. */
            controlIdReused: boolean;
            /** @description Why it was refused; null where it was not. */
            code: null | string;
            /** @description The same in words, with the place in the message. */
            reason: null | string;
        };
        /** @description What became of several messages. */
        BatchReceipt: {
            /**
             * Format: int32
             * @description How many there were, each in one piece or put together from its parts; 0 where nothing was taken.
             */
            messages: number;
            /**
             * Format: int32
             * @description Accepted and new here.
             */
            accepted: number;
            /**
             * Format: int32
             * @description Accepted before; they have no second effect.
             */
            duplicates: number;
            /**
             * Format: int32
             * @description Refused, and kept in quarantine.
             */
            refused: number;
            /** @description Each message, in their order. */
            items: components["schemas"]["BatchItem"][];
            /** @description Why nothing was taken; null where something was. */
            code: null | string;
            /** @description The same in words, with the place. */
            reason: null | string;
            /**
             * Format: int32
             * @description Where, in bytes from the beginning.
             */
            offset: number | null;
        };
        /** @description Whom the link is for, and what the browser needs to make a passkey. */
        BegunEnrolment: {
            /** @description Name for people. */
            displayName: string;
            /** @description What the person is. */
            role: components["schemas"]["Role"];
            /** @description The member that runs this node. */
            organization: components["schemas"]["SessionOrganization"];
            /** @description For `PublicKeyCredential.parseCreationOptionsFromJSON()`. */
            options: components["schemas"]["JsonElement"];
        };
        /** @description A block of the channel, as this node's copy has it. */
        BlockEntry: {
            /**
             * Format: int64
             * @description Number of the block, from 0.
             */
            number: number;
            /**
             * Format: date-time
             * @description The latest time that one of its valid transactions names, by the clock of whoever made it: blocks have no time of their own. Null where
             *     none names one, and for blocks that the node applied before it kept times.
             */
            at: string;
            /**
             * Format: int32
             * @description Transactions in it, valid or not.
             */
            transactions: number;
            /**
             * Format: int32
             * @description Those of them that peers found valid.
             */
            valid: number;
            /** @description SHA-256 of its header, hexadecimal. */
            headerHash: string;
            /** @description Hash of the header before, as the header names it, hexadecimal; empty for the first. */
            previousHash: string;
            /** @description Hash of its transactions, as the header names it, hexadecimal. */
            dataHash: string;
        };
        /** @description Blocks, newest first. */
        BlockPage: {
            /** @description At most as many as asked for. */
            items: components["schemas"]["BlockEntry"][];
            /** @description Cursor of the next page; null on the last. */
            next: null | string;
        };
        /** @description A request for records and what the channel decided, as it stands on the ledger: nobody is named there. */
        ChannelDecision: {
            /** @description Id of the request, as the requester chose it. */
            accessId: string;
            /**
             * Format: date-time
             * @description When it was asked and decided, by its proposal.
             */
            at: string;
            /** @description MSP id of the member that asked. */
            requester: string;
            /** @description Role of the reader, as that member says. */
            role: string;
            /** @description Staff id of the reader, as that member says. */
            staff: string;
            /** @description The patient's pseudonym. */
            patientId: string;
            /** @description Purpose of use, HL7 v3 PurposeOfUse. */
            purpose: string;
            /** @description The emergency that it was asked in; null outside one. */
            emergencyId: null | string;
            /** @description `permitted`, `partly` or `denied`. */
            outcome: components["schemas"]["DecisionOutcome"];
            /**
             * Format: int64
             * @description Number of the block that holds it.
             */
            block: number;
            /** @description The transaction that wrote it. */
            transactionId: string;
            /** @description The decision on each record, in the request's order. */
            decisions: components["schemas"]["AccessLogDecision"][];
        };
        /** @description Decisions, newest first. */
        ChannelDecisionPage: {
            /** @description At most as many as asked for. */
            items: components["schemas"]["ChannelDecision"][];
            /** @description Cursor of the next page; null on the last. */
            next: null | string;
        };
        /** @description Settings of the channel. */
        ChannelSettings: {
            /**
             * Format: int32
             * @description Longest time between a permit's issue and its proposal, in seconds, 60 to 3,600. Default 600.
             * @default 600
             */
            permitMaxAgeSeconds: number;
            /**
             * Format: int32
             * @description Most grants of a patient that a decision reads, 1 to 1,000, besides int GrantRange.DenyReserve denies. Default 1,000.
             * @default 1000
             */
            maxStatementsInForce: number;
            /**
             * Format: int32
             * @description Longest emergency session, 1 to 24 hours. Default 12.
             * @default 12
             */
            maxEmergencyHours: number;
            /**
             * Format: int32
             * @description Time in which an emergency session must be reviewed, 1 to 720 hours. Default 72.
             * @default 72
             */
            reviewDueHours: number;
            /**
             * Format: int32
             * @description How long a broad permit waits before it counts, unless an independent origin signs it too, in hours, 0 to 720. Default 24.
             * @default 24
             */
            broadPermitWaitHours: number;
            /**
             * Format: int32
             * @description Longest time that a permit lasts without being broad, in days, 1 to 3,660. Default 90.
             * @default 90
             */
            broadPermitDays: number;
        };
        /** @description Permits that the patient confirmed. */
        Confirmed: {
            /** @description Id of the signed confirmation. */
            statementId: string;
            /** @description Ids of the permits. */
            consents: string[];
        };
        /** @description A grant of a patient as this node's copy of the channel has it. */
        Consent: {
            /** @description Id of the statement, `st-…`. */
            id: string;
            /** @description Where it stands. */
            status: components["schemas"]["ConsentStatus"];
            /** @description `permit` or `deny`; null where the statement was revoked before anyone saw it. */
            effect: null | string;
            body: null | components["schemas"]["JsonElement"];
            /**
             * Format: date-time
             * @description When the signer wrote it, by the signer's clock.
             */
            issued: string;
            /**
             * Format: date-time
             * @description When the channel accepted it.
             */
            acceptedAt: string;
            /** @description MSP id of the member that brought it. */
            relayedBy: string;
            /** @description The credential that signed it; null for what a hospital attested. */
            credential: null | string;
            /** @description Id of the revocation, or of the grant that replaced it; null while there is none. */
            revokedBy: null | string;
            /**
             * Format: date-time
             * @description When the channel accepted the revocation.
             */
            revokedAt: string;
            /** @description The exact bytes that were signed, base64url; null for what a hospital attested. */
            statement: null | string;
            /** @description MSP id of the hospital that vouches for it, where the patient signed nothing: it reaches that hospital's records only. */
            attestedBy?: null | string;
            /** @description How the patient consented: `paper` or `word`; null for what was signed. */
            form?: null | string;
            /** @description Id of the delegate who signed, `dg-…`; null for what the patient signed. */
            delegate?: null | string;
            /** @description In the answer to a revocation or a deny: MSP ids of members whose peers have committed it. It counts as done with two. */
            committedBy?: null | string[];
            /** @description From when a broad permit counts, by the channel's time; a custodian waits by its own clock. */
            effectiveFrom?: string | null;
            /** @description The credential of the second signature under a broad permit; null where there is none. */
            coSignedBy?: null | string;
            /**
             * Format: int32
             * @description How often a counted permit can still be used; null for others.
             */
            usesLeft?: number | null;
            /**
             * @description Why it does not count, with the status `lapsed`; null with any other.
             * @enum {unknown}
             */
            lapse?: "erased" | "unreadable" | "credentialRevoked" | "credentialUnknown" | "delegateRevoked" | "delegateEnded" | "delegateNarrowed" | "appointerRevoked" | "signerObjected" | "signerNotVouched" | "notConfirmed" | "notAccepted" | "notVerified" | null;
        };
        /** @description Something that would change a decision. */
        ConsentChange: {
            /**
             * @description Code, such as `near.who`. `lapsed.*` (`lapsed.credentialRevoked`) names a permit that would decide if what it rests on
             *     stood; such ones come first.
             */
            code: string;
            /** @description The same in plain words. */
            words: string;
            /** @description The permit that lapsed; null for other codes. */
            statementId?: null | string;
        };
        /** @description Whether a reader may read a record, and why. */
        ConsentExplanation: {
            /** @description True when the record may be read. */
            permitted: boolean;
            /** @description Code, such as `permit.signed`. */
            reason: string;
            /** @description The same in plain words. */
            words: string;
            /** @description The statement that decided; null when none did. */
            statementId: null | string;
            /**
             * Format: int32
             * @description Index of the part of its scope that matched.
             */
            provision: number | null;
            part: null | components["schemas"]["JsonElement"];
            /**
             * Format: date-time
             * @description Until when a permit stands at most; null for a denial.
             */
            notAfter: string;
            /** @description What would change it. */
            changes: components["schemas"]["ConsentChange"][];
            /**
             * Format: date-time
             * @description The time that it holds for.
             */
            at: string;
        };
        /** @description Who could read what if a statement were signed. */
        ConsentPreview: {
            /**
             * Format: date-time
             * @description The time that it holds for: now, the beginning of what begins later, or the end of a broad permit's waiting time.
             */
            at: string;
            /** @description Bodies of the grants to sign: the one that was given, or those that a FHIR Consent comes to. */
            statements: unknown[];
            /** @description True when there is more than is listed: more than 200 records, or more readers than were counted. */
            partial: boolean;
            /** @description The patient's records, newest data first, at most 200. */
            records: components["schemas"]["PreviewRecord"][];
            /** @description Whoever is named by these statements or by those in force, and any hospital; with each purpose. */
            readers: components["schemas"]["PreviewReader"][];
            waiting?: null | components["schemas"]["PreviewWaiting"];
        };
        /**
         * @description Where a consent stands.
         * @enum {unknown}
         */
        ConsentStatus: "active" | "scheduled" | "waiting" | "usedUp" | "expired" | "lapsed" | "revoked";
        /** @description A page of a patient's grants. */
        ConsentsOfPatient: {
            /** @description First those in force and what hospitals attested, accepted last first; then those that ended, ended last first. */
            consents: components["schemas"]["Consent"][];
            /** @description Cursor of the next page; null on the last. */
            next?: null | string;
        };
        /** @description What to check on demand. */
        ContentCheckOrder: {
            /**
             * @description Pins and repairs what can be; without it, findings are noted only.
             * @default false
             */
            repair: boolean;
            /**
             * @description Reads the own copies from end to end, not random ranges.
             * @default false
             */
            full: boolean;
        };
        /** @description How far a check on demand is: one line of its answer. The last one has `done`. */
        ContentCheckProgress: {
            /** @description True in the last line. */
            done: boolean;
            /**
             * Format: int64
             * @description Records of this member when the check began.
             */
            total: number;
            /** @description What was found so far. */
            counts: components["schemas"]["PassCounts"];
            /**
             * Format: int64
             * @description Copies known to be missing or corrupt, all of them; in the last line only.
             */
            openFindings?: number | null;
            /** @description The oldest of them; in the last line only. */
            findings?: null | components["schemas"]["ContentFinding"][];
            /**
             * Format: int64
             * @description Contents that this node keeps and nothing refers to; in the last line only.
             */
            orphans?: number | null;
        };
        /** @description A copy that is missing or corrupt, or that its replica does not tell of. */
        ContentFinding: {
            /** @description The content. */
            cid: string;
            /** @description Name of the replica; `own` is this node's store. */
            replica: string;
            /** @description `missing`, `corrupt`, or `unanswered` where the replica answers for others and time and again not for this one. */
            state: string;
            /** @description What was seen, or why it could not be repaired yet. */
            detail: string;
            /** @description The record; null for a content that is pinned here and no own record. */
            recordId: null | string;
            /**
             * Format: date-time
             * @description When it was found first.
             */
            foundAt: string;
            /**
             * Format: date-time
             * @description When it was seen last.
             */
            seenAt: string;
            /**
             * Format: int64
             * @description How often it was looked at again since.
             */
            attempts: number;
            /**
             * Format: date-time
             * @description When it is looked at next.
             */
            nextAttemptAt: string;
        };
        /** @description How well this member's contents are kept. */
        ContentHealth: {
            /** @description True while nothing is known to be wrong: no finding is open, no record was below the minimum in the last pass or check, every replica answers, nothing is overdue. */
            healthy: boolean;
            lastPass: null | components["schemas"]["PassCounts"];
            lastCheck: null | components["schemas"]["PassCounts"];
            runningPass: null | components["schemas"]["PassCounts"];
            /** @description How far the reading of everything that is pinned here is. */
            scrub: components["schemas"]["ScrubState"];
            /**
             * Format: int32
             * @description Verified copies that each record must have.
             */
            minimumReplicas: number;
            /** @description Every place that is to hold the records, this node's store first. */
            replicas: components["schemas"]["ReplicaHealth"][];
            /**
             * Format: int64
             * @description How many copies are known to be missing or corrupt.
             */
            openFindings: number;
            /** @description The oldest of them, at most 100. */
            findings: components["schemas"]["ContentFinding"][];
            /**
             * Format: int64
             * @description Contents that this node keeps and nothing refers to; no fault, and no record.
             */
            orphans: number;
        };
        /** @description A new invitation. */
        CreatedInvitation: {
            /** @description Id, for withdrawing it. */
            id: string;
            /** @description The one-time link, to hand over in person or as a QR code. It is shown once and kept nowhere. */
            link: string;
            /**
             * Format: date-time
             * @description When it is over.
             */
            expiresAt: string;
            /** @description The id of a new member of staff. */
            staffId?: null | string;
        };
        /** @description A passkey as the browser made it, with what is pinned to it. */
        Credential: {
            /** @description WebAuthn credential id, base64url. */
            credentialId: string;
            /** @description COSE_Key for ES256, base64url. */
            publicKey: string;
            /** @description Relying party id, such as `north.example`. */
            rpId: string;
            /** @description Origins that may ask for its signature, 1 to 8, such as `https://north.example`. */
            origins: string[];
        };
        /** @description A credential of a patient. */
        CredentialEntry: {
            /** @description Patient. */
            patientId: string;
            /** @description The credential. */
            credential: components["schemas"]["Credential"];
            /** @description MSP id of the member that vouched for it, or relayed the patient's signature. */
            addedBy: string;
            /**
             * Format: date-time
             * @description Proposal time.
             */
            addedAt: string;
            /** @description The signed addition; null for one that the enrolling member vouched for. */
            statementId?: null | string;
            /** @description Id of the signed revocation; null while the credential is in force. */
            revokedBy?: null | string;
            /** @description Proposal time of the revocation. */
            revokedAt?: string | null;
        };
        /**
         * @description What a request on the channel came to.
         * @enum {unknown}
         */
        DecisionOutcome: "permitted" | "partly" | "denied";
        /** @description Why staff take a message out of quarantine for good. */
        DiscardOrder: {
            /** @description 3 to 500 characters; it is kept with the message, so it names no patient. */
            reason: string;
        };
        /** @description A page of emergencies, what waits longest first. */
        EmergencyPage: {
            /** @description The emergencies. */
            emergencies: components["schemas"]["EmergencyView"][];
            /** @description Cursor of the next page; null on the last. */
            next?: null | string;
        };
        /** @description A review. */
        EmergencyReviewView: {
            /** @description `justified`, `notJustified` or `needsInquiry`. */
            outcome: components["schemas"]["ReviewOutcome"];
            /** @description MSP id of the member whose person reviewed. */
            reviewer: string;
            /** @description Staff id of the reviewer, as that member says. */
            staff: string;
            /**
             * Format: date-time
             * @description When.
             */
            reviewedAt: string;
        };
        /** @description An emergency session. */
        EmergencyView: {
            /** @description Its id, `em-…`. */
            id: string;
            /** @description The patient. */
            patientId: string;
            /** @description MSP id of the hospital that broke the glass. */
            member: string;
            /** @description Role that may read in it. */
            role: string;
            /** @description `lifeThreat`, `cannotConsent` or `other`. */
            reasonCode: string;
            /** @description Staff ids of the two who signed, as their hospital registered them. */
            declaredBy: string[];
            /**
             * Format: date-time
             * @description When.
             */
            declaredAt: string;
            /**
             * Format: date-time
             * @description First instant at which it is over.
             */
            notAfter: string;
            /**
             * Format: date-time
             * @description First instant at which its review is overdue.
             */
            reviewDue: string;
            review?: null | components["schemas"]["EmergencyReviewView"];
            /** @description The reason in words, for those who review at the hospital that keeps them; null for all others. */
            reason?: null | string;
            /**
             * @description What the declaration on the channel commits to: SHA-256 over the salt and the reason in UTF-8, base64url. Whoever is told both can hold
             *     them against it.
             */
            commitment?: null | string;
            /** @description The salt of 16 bytes, base64url, where the reason is shown; null for all others. */
            salt?: null | string;
            access?: null | components["schemas"]["AccessRequestView"];
        };
        /** @description A webhook that was switched on. */
        EnabledWebhook: {
            /** @description The webhook. */
            webhook: components["schemas"]["Webhook"];
            /**
             * Format: date-time
             * @description It may have missed what happened before then: some of it is kept no longer. A delivery of type `reset` comes first. Null where it missed nothing.
             */
            lostBefore: string;
        };
        /** @description The token of a one-time link. */
        EnrolmentToken: {
            /** @description What stands behind the # of the link. */
            token: string;
        };
        /** @description An erasure, and how far each hospital is with it. */
        Erasure: {
            /** @description Id of the signed erasure. */
            statementId: string;
            /**
             * Format: date-time
             * @description When the channel took it up: from then on nothing is permitted.
             */
            erasedAt: string;
            /** @description The hospitals that may have held something, by MSP id. */
            hospitals: components["schemas"]["HospitalErasure"][];
            here: null | components["schemas"]["NodeErasure"];
        };
        /** @description A one-time code as a clinician has it from the patient. */
        GivenHandle: {
            /** @description What the QR says, `hs1.…`, or the short form. */
            handle: string;
        };
        /** @description A change that takes a majority of the active members. Exactly one member of it is given. */
        GovernanceChange: {
            admit?: null | components["schemas"]["OrganizationEntry"];
            kind?: null | components["schemas"]["KindChange"];
            /** @description MSP id of an active member that is to write nothing and be permitted nothing. */
            suspend?: null | string;
            /** @description MSP id of a suspended member that is to be active again. */
            reinstate?: null | string;
            settings?: null | components["schemas"]["ChannelSettings"];
        };
        /** @description Who made the code. */
        HandlePatient: {
            /** @description The patient's id on the channel. */
            patientId: string;
        };
        /** @description What a hospital says of its own node. Nobody can prove what was destroyed. */
        HospitalErasure: {
            /** @description MSP id. */
            member: string;
            /**
             * @description `pending` until it reported, `retained` while it keeps records of its own for its own staff, since it must or since its own
             *     list does not vouch for the signature, `done` when it holds nothing.
             */
            state: string;
            /**
             * Format: date-time
             * @description When it reported; null while it has not.
             */
            reportedAt: string;
            /**
             * Format: date-time
             * @description Until when it keeps records; null where it keeps none.
             */
            retainedUntil: string;
        };
        /** @description Something that a person must look at. */
        Incident: {
            /**
             * Format: date-time
             * @description When this node noticed, by its own clock.
             */
            happenedAt: string;
            /**
             * @description Stable code, such as `access.decision_not_confirmed`; `reported.` and a code where another member reports it, whose word
             *     it is.
             */
            code: string;
            /** @description Patient whom it touches; null for none. */
            patientId: null | string;
            /** @description Id of what it is about, such as an access and a record: the same code and subject are noted once. */
            subject: string;
            /** @description Codes and ids that say more; never anyone's data. */
            detail: string;
        };
        /** @description A page of invitations. */
        InvitationPage: {
            /** @description Newest first; those of the roles that the caller may invite. */
            items: components["schemas"]["InvitationView"][];
            /** @description Cursor of the next page; null on the last. */
            next: null | string;
        };
        /** @description An invitation without its link. */
        InvitationView: {
            /** @description Id, for withdrawing it. */
            id: string;
            /** @description What the person is. */
            role: components["schemas"]["Role"];
            /** @description Name for people. */
            displayName: string;
            /** @description Random id of a member of staff. */
            staffId: null | string;
            /** @description The patient's id on the channel. */
            patientId: null | string;
            /** @description The delegate's id on the channel. */
            delegateId: null | string;
            /** @description Who made it. */
            createdBy: string;
            /**
             * Format: date-time
             * @description When.
             */
            createdAt: string;
            /**
             * Format: date-time
             * @description When it is over if nobody used it.
             */
            expiresAt: string;
            /**
             * Format: date-time
             * @description When it was used.
             */
            usedAt: string;
        };
        JsonElement: unknown;
        /** @description Another kind for a member. */
        KindChange: {
            /** @description The member. */
            mspId: string;
            /** @description Its kind from then on. */
            kind: components["schemas"]["OrganizationKind"];
        };
        /** @description A webhook that was just made, or given another secret. */
        MadeWebhook: {
            /** @description The webhook. */
            webhook: components["schemas"]["Webhook"];
            /** @description Its secret, `whsec_…`: shown this once, and kept wrapped. */
            secret: string;
        };
        /** @description Messages, newest first. */
        MessagePage: {
            /** @description Those of this page. */
            messages: components["schemas"]["MessageStatus"][];
            /** @description Cursor of the next page; null on the last one. */
            next: null | string;
        };
        /** @description What became of a message handed in. */
        MessageReceipt: {
            /** @description Id of the message here, to ask for its state. */
            id: string;
            /** @description How far it has come: received, parsed, stored, registered or quarantined. */
            state: string;
            /** @description True when the same message was here already. */
            duplicate: boolean;
            /** @description True when its facility used the same control id for other content. */
            controlIdReused: boolean;
        };
        /** @description An application or a facility as a message names it. */
        MessageSource: {
            /** @description Local name; null where there is none. */
            name: null | string;
            /** @description Identifier that is unique everywhere; null where there is none. */
            universalId: null | string;
            /** @description What kind of identifier that is, such as `ISO`; null where there is none. */
            universalIdType: null | string;
        };
        /** @description How far a message has come. */
        MessageStatus: {
            /** @description Id of the message here. */
            id: string;
            /** @description received, parsed, stored, registered, quarantined or discarded. */
            state: string;
            /** @description Which door it came through: mllp, http or folder. */
            door: string;
            /**
             * Format: date-time
             * @description When it was written to the journal.
             */
            receivedAt: string;
            /**
             * Format: date-time
             * @description When it reached its state.
             */
            updatedAt: string;
            /**
             * Format: int64
             * @description Length in bytes.
             */
            size: number;
            /** @description Message type, such as `ORU^R01`; null where the message states none of that form. */
            type: null | string;
            /** @description Token of the sending facility; null where the message names none. */
            facility: null | string;
            /** @description The patient on the channel; null until known. */
            patientId: null | string;
            /** @description The record on the channel; null in quarantine. */
            recordId: null | string;
            /** @description True when its facility used the same control id for other content. */
            controlIdReused: boolean;
            /**
             * Format: int64
             * @description How often the same message came again.
             */
            repetitions: number;
            /** @description Why it is in quarantine or waits; null where neither. */
            reasonCode: null | string;
            /** @description The same in words, with the place in the message. */
            reason: null | string;
            /**
             * Format: int32
             * @description How often its present step failed.
             */
            attempts: number;
            /** @description What was done with it, oldest first; null in lists. */
            steps: null | components["schemas"]["MessageStep"][];
        };
        /** @description Something that was done with a message. */
        MessageStep: {
            /**
             * Format: date-time
             * @description When.
             */
            at: string;
            /** @description What: a state's name, `replayed` or `contentRead`. */
            step: string;
            /** @description Who: a caller's name, a door's, or `node`. */
            actor: string;
            /** @description A code or a reason; null for none. */
            detail: null | string;
        };
        /** @description What a clinician asks for. Exactly one of `recordIds` and `categories` is given; in an emergency neither means all. */
        NewAccessRequest: {
            /** @description The patient, `pt-…`. */
            patientId: string;
            /** @description Purpose of use, HL7 v3 PurposeOfUse, such as `TREAT`. */
            purpose: string;
            /** @description 1 to 1,000 record ids, `rc-…`. */
            recordIds?: null | string[];
            /** @description 1 to 50 codes of categories, such as `laboratory`. */
            categories?: null | string[];
            /** @description This hospital's emergency session, with purpose ETREAT; null without one. */
            emergencyId?: null | string;
        };
        /** @description A consent that a patient gave on paper or by word, for this hospital to vouch for. */
        NewAttestation: {
            /** @description How the patient consented. */
            form: components["schemas"]["AttestationForm"];
            /** @description A grant's body: effect, scope and period; categories, labels, authors and encounters are tokens. */
            body: components["schemas"]["JsonElement"];
            /**
             * @description Id of the attestation, `st-…`; null makes one. Whoever may have to repeat the call chooses it: the same id with the same
             *     content has no second effect.
             */
            id?: null | string;
        };
        /** @description An emergency as two members of staff declare it. At most one of `recordIds` and `categories` is given. */
        NewEmergency: {
            /** @description The declaration's canonical bytes, base64url. */
            statement: string;
            /** @description Assertion of the caller, a physician. */
            first: components["schemas"]["SignedAssertion"];
            /** @description Assertion of another member of staff. */
            second: components["schemas"]["SignedAssertion"];
            /** @description Why, in words, 10 to 2,000 characters, blanks around them not counted among the 10; they stay at this node, encrypted. */
            reason: string;
            /** @description The 16 bytes that the declaration commits to together with the reason, base64url. */
            salt: string;
            /** @description 1 to 1,000 record ids; null for all. */
            recordIds?: null | string[];
            /** @description 1 to 50 codes of categories; null for all. */
            categories?: null | string[];
        };
        /** @description A new passkey. */
        NewEnrolment: {
            /** @description The token of the one-time link. */
            token: string;
            /** @description The result of `PublicKeyCredential.toJSON()`. */
            credential: components["schemas"]["JsonElement"];
        };
        /** @description A one-time code as a patient's passkey signed it. */
        NewHandle: {
            /** @description The text that also stands in the QR, `hs1.…`, at most 2,048 characters. */
            handle: string;
        };
        /** @description Somebody to invite. */
        NewInvitation: {
            /** @description What the person is; any but `system`. */
            role: components["schemas"]["Role"];
            /** @description Name for people, 1 to 100 characters. */
            displayName: string;
            /**
             * @description Random id under which the ledger knows this member of staff: the known one for a colleague who lost a passkey or takes a second one,
             *     null for somebody new.
             */
            staffId?: null | string;
            /** @description The patient's id on the channel, for patients and their delegates. */
            patientId?: null | string;
            /** @description The delegate's id on the channel, `dg-…`, for delegates. */
            delegateId?: null | string;
        };
        /** @description What a registrar says: the patient in the address is the same person as another. */
        NewMerge: {
            /** @description The id that stays; the one in the address goes out of use. */
            into: string;
            /** @description Id of the merge, for repeating the call; null takes the one that another hospital uses, or makes one, `st-…`. */
            mergeId?: null | string;
        };
        /** @description Enrols a patient, or joins one of this hospital's numbers to a patient that another hospital enrolled. */
        NewPatient: {
            /** @description The hospital's own number, 1 to 64 characters. It is kept as a keyed hash and goes nowhere. */
            number: string;
            /**
             * @description Who assigned the number, as HL7 messages name it in PID-3.4: `ISO:1.2.3` for a universal id with its type, else the
             *     namespace. Where messages name none there, what they name in MSH-4, else in MSH-3.
             * @default
             */
            authority: string;
            /** @description The patient's id on the channel, where another hospital enrolled the patient and the patient linked this one; null enrols. */
            patientId?: null | string;
            /**
             * @description Type of the number, as HL7 messages state it in PID-3.5: `MR`, `PI`, `PT` or `PE`; the same digits of two types are
             *     two numbers. Null: the medical record number (`MR`).
             */
            type?: null | string;
            /**
             * @description True finds alone: a number that this hospital does not know yet is refused (`patient.number_unknown`), so that a slip of the pen
             *     makes nobody, whom nothing takes off the channel again. False enrols.
             * @default false
             */
            onlyKnown: boolean;
        };
        /** @description What a review found. */
        NewReview: {
            /** @description `justified`, `notJustified` or `needsInquiry`. */
            outcome: components["schemas"]["ReviewOutcome"];
        };
        /** @description A staff key as it is registered. */
        NewStaffKey: {
            /** @description Random id of the person; the same for all keys of one person. */
            staffId: string;
            /** @description The person's role, such as `physician`. */
            role: string;
            /** @description The passkey, with its relying party and origins. */
            credential: components["schemas"]["Credential"];
        };
        /** @description A signer for this hospital to vouch for. */
        NewVouchedSigner: {
            /** @description `guardian`, or `credential` for a new one of the patient's own in place of a lost one. */
            kind: components["schemas"]["VouchedKind"];
            /** @description The guardian's credentials, 1 to 4, or the one new credential. */
            credentials: components["schemas"]["Credential"][];
            /** @description First instant without the guardian's power, the beginning of a month in UTC; null for a credential. */
            end?: string | null;
            /** @description The id under which another hospital vouched already, or one for repeating the call; null makes one, `dg-…`. */
            signerId?: null | string;
            /**
             * @description True for a guardian whose permits another guardian must confirm.
             * @default false
             */
            joint: boolean;
        };
        /** @description A webhook to make. */
        NewWebhook: {
            /** @description Where to: an https address. */
            url: string;
            /** @description Of what: `notification`, `decision`, `revocation`, `incident`, `intake`. */
            topics: string[];
            /** @description What it is for, at most 200 characters. */
            description?: null | string;
        };
        /** @description What this node is at. */
        NodeErasure: {
            /** @description `pending`, `retained` or `done`. */
            state: string;
            /**
             * Format: int32
             * @description How often it was put off.
             */
            attempts: number;
            /** @description Code of what put it off last, `erasure.signer_not_trusted` while it keeps all of its own for that; null where nothing did. */
            reason: null | string;
            /**
             * Format: date-time
             * @description When it goes on; null when it is done.
             */
            nextAt: string;
        };
        /**
         * @description The kinds of members.
         * @enum {unknown}
         */
        NodeKind: "hospital" | "regulator";
        /** @description Something that happened on the channel and that the patient should know of. */
        Notification: {
            /**
             * @description `emergency`, `emergencyReview`, `consentAttested`, `consentWithdrawn` (by the hospital that attested),
             *     `consentAccepted`, `consentCoSigned` (a broad permit waits no longer), `consentConfirmed` (a delegate's permit stands by
             *     itself), `consentRevoked` (or replaced), `credentialAdded`, `credentialRevoked`, `hospitalLinked`,
             *     `delegateAppointed` (or renewed), `delegateRevoked`, `signerVouched` (a guardian
             *     or a new credential that hospitals vouch for; object before it may permit), `signerObjected`, `patientMerged` (hospitals say that
             *     two ids are one person; revoke that id if they are not), `mergeObjected`, `handleUsed` (somebody of this node's member used a one-time
             *     code of the patient), `revocationNotRelayed` (what the patient took back could not be brought to the channel by this node; sign it
             *     again), `patientErased` or
             *     `erasureReported` (a hospital's node destroyed what it held).
             */
            kind: string;
            /**
             * Format: date-time
             * @description When, by the channel.
             */
            at: string;
            /** @description Id of what it is about: the emergency, the statement, the credential or the hospital. */
            subject: string;
            /** @description MSP id of the member that did it, or whose node brought what was signed. */
            member: string;
            /**
             * @description For a one-time code the role of whoever used it, for an emergency the code of its reason, for a review its outcome, for a signer `guardian` or `credential`, for a
             *     merge `merged` or `surviving`, as this id is; null otherwise.
             */
            code?: null | string;
            /** @description For an emergency its end, for a signer the time from which it may permit, for a merge until when hospitals may object, for an erasure until when the hospital must keep records of its own; null otherwise. */
            until?: string | null;
        };
        /** @description A patient's notifications, newest first. */
        NotificationPage: {
            /** @description The notifications of this page. */
            items: components["schemas"]["Notification"][];
            /**
             * Format: int32
             * @description How many there are on all pages.
             */
            total: number;
            /** @description Cursor of the next page; null on the last. */
            next?: null | string;
            /**
             * @description True where there are so many that the oldest are left out: of statements that ended, emergencies and reviews the newest 5,000 each are
             *     told of. The lists of consents and of accesses have them all.
             * @default false
             */
            isCut: boolean;
        };
        /** @description An objection. */
        Objection: {
            statement?: null | components["schemas"]["SignedStatement"];
        };
        /** @description A one-time code that is open. */
        OpenHandle: {
            /** @description Its short form for typing at this hospital. It is shown once and kept nowhere. */
            code: string;
            /**
             * Format: date-time
             * @description When it is over if nobody used it.
             */
            expiresAt: string;
        };
        /** @description A member of the channel. */
        Organization: {
            /** @description MSP id. */
            mspId: string;
            /** @description Name for people. */
            name: string;
            /** @description Hospital or regulator. */
            kind: components["schemas"]["OrganizationKind"];
            /** @description Id of the key that others seal to. */
            sealingKeyId: string;
            /**
             * Format: date-time
             * @description Since when it is suspended; null for an active member.
             */
            suspendedAt: string;
        };
        /** @description A member of the channel. */
        OrganizationEntry: {
            /** @description MSP id. */
            mspId: string;
            /** @description Name for people, 1 to 100 characters. */
            name: string;
            /** @description Hospital or regulator. */
            kind: components["schemas"]["OrganizationKind"];
            /** @description Key that others seal envelopes to. */
            sealingKey: components["schemas"]["SealingKey"];
            /** @description Since when it is suspended: it writes nothing and is permitted nothing; null for an active member. */
            suspendedAt?: string | null;
            /** @description Since when it is active again after its last suspension, for votes and words from before are void; null where there was none. */
            reinstatedAt?: string | null;
        };
        /**
         * @description Kinds of members.
         * @enum {unknown}
         */
        OrganizationKind: "hospital" | "regulator";
        /** @description The members and the channel's settings. */
        OrganizationList: {
            /** @description Name of the channel. */
            channel: string;
            /** @description Ordered by MSP id. */
            organizations: components["schemas"]["Organization"][];
            settings: null | components["schemas"]["ChannelSettings"];
        };
        /** @description A request of one's own, as a list shows it. */
        OwnRequest: {
            /** @description Id of the request, `ac-…`. */
            id: string;
            /** @description The patient. */
            patientId: string;
            /** @description Purpose of use. */
            purpose: string;
            /**
             * Format: date-time
             * @description When it was made.
             */
            askedAt: string;
            /** @description True when not everything could be considered then, see AccessRequestView. */
            partial: boolean;
            /**
             * Format: int32
             * @description Records that were read by it so far, each counted once. What it permits now the request itself says.
             */
            read: number;
        };
        /** @description Requests of one's own, newest first. */
        OwnRequestPage: {
            /** @description At most as many as asked for. */
            items: components["schemas"]["OwnRequest"][];
            /** @description Cursor of the next page; null on the last. */
            next: null | string;
        };
        /** @description One of one's own sessions. */
        OwnSession: {
            /** @description Id, for ending it. */
            id: string;
            /** @description True for the one that asks. */
            current: boolean;
            /**
             * Format: date-time
             * @description When it began.
             */
            createdAt: string;
            /**
             * Format: date-time
             * @description When it was used last, to the minute.
             */
            lastSeenAt: string;
            /**
             * Format: date-time
             * @description When it ends at the latest.
             */
            expiresAt: string;
            /** @description What the browser called itself. */
            userAgent: string;
        };
        /** @description One's own sessions. */
        OwnSessions: {
            /** @description Newest first. */
            items: components["schemas"]["OwnSession"][];
            /** @description Cursor of the next page; null on the last. */
            next: null | string;
        };
        /** @description A pass over this member's records. */
        PassCounts: {
            /**
             * Format: date-time
             * @description When it began.
             */
            startedAt: string;
            /**
             * Format: date-time
             * @description When it ended; null while it runs.
             */
            finishedAt: string;
            /**
             * Format: int64
             * @description Records looked at.
             */
            records: number;
            /**
             * Format: int64
             * @description Records whose own copy is here and showed what was asked for, repaired ones included.
             */
            held: number;
            /**
             * Format: int64
             * @description Records whose own copy is missing.
             */
            missing: number;
            /**
             * Format: int64
             * @description Records whose own copy is corrupt.
             */
            corrupt: number;
            /**
             * Format: int64
             * @description Records whose own store did not answer.
             */
            unavailable: number;
            /**
             * Format: int64
             * @description Records with fewer verified copies than the settings demand.
             */
            belowMinimum: number;
            /**
             * Format: int64
             * @description Records that were held and not pinned.
             */
            pinnedAgain: number;
            /**
             * Format: int64
             * @description Copies that were made whole.
             */
            repaired: number;
        };
        /** @description What a browser's passkey answered. */
        PasskeyAnswer: {
            /** @description The result of `PublicKeyCredential.toJSON()`. */
            credential: components["schemas"]["JsonElement"];
        };
        /** @description A patient on the channel. */
        Patient: {
            /** @description Random id, `pt-…`. */
            patientId: string;
            /** @description MSP id of the hospital that enrolled the patient. */
            enrolledBy: string;
            /**
             * Format: date-time
             * @description When.
             */
            enrolledAt: string;
            /** @description Hospitals that may register records of the patient. */
            members: components["schemas"]["PatientMember"][];
            /** @description Credentials that can sign for the patient; not for physicians and nurses. */
            credentials: null | components["schemas"]["CredentialEntry"][];
            /**
             * @description For the patient alone: the key from which tokens of categories, labels, authors and encounters are computed, 32 bytes,
             *     base64url; null where this node does not have it.
             */
            labelKey?: null | string;
            /** @description When the patient erased what is shared; null where the patient did not. */
            erasedAt?: string | null;
        };
        /** @description A credential that signs, or signed, for a patient. */
        PatientCredential: {
            /** @description WebAuthn credential id, base64url. */
            credentialId: string;
            /** @description Relying party that it is pinned to. */
            rpId: string;
            /** @description Origins that may ask for its signature. */
            origins: string[];
            /** @description MSP id of the member that vouched for it, or relayed the signature for it. */
            addedBy: string;
            /**
             * Format: date-time
             * @description When the channel took it up.
             */
            addedAt: string;
            /** @description The signed addition; null for one that the hospital pinned. */
            statementId: null | string;
            /** @description Id of the credential that signed for it; null for one that the hospital pinned. */
            introducedBy: null | string;
            /** @description Id of the revocation; null while it is in force. */
            revokedBy: null | string;
            /**
             * Format: date-time
             * @description When the channel took the revocation up.
             */
            revokedAt: string;
            /** @description In the answer to a revocation: MSP ids of members whose peers have committed it. Two make it done. */
            committedBy?: null | string[];
        };
        /** @description The credentials of a patient. */
        PatientCredentials: {
            /** @description Oldest first, the revoked ones included. */
            credentials: components["schemas"]["PatientCredential"][];
            /** @description Cursor of the next page; null on the last. */
            next: null | string;
        };
        /** @description A person who signs for a patient. */
        PatientDelegate: {
            /** @description Id, `dg-…`. */
            id: string;
            /** @description `active`, `ended` or `revoked`. */
            status: string;
            /** @description Ids of the delegate's own credentials. */
            credentials: string[];
            /** @description What may be signed, as it was appointed: `statements` and `limit`. */
            scope: components["schemas"]["JsonElement"];
            /**
             * Format: date-time
             * @description First instant without the power, unless it is renewed.
             */
            end: string;
            /**
             * Format: date-time
             * @description When the channel took the latest appointment up.
             */
            appointedAt: string;
            /** @description MSP id of the member that brought it. */
            relayedBy: string;
            /** @description The patient's credential that signed it. */
            appointedBy: string;
            /** @description Id of that statement. */
            statementId: string;
            /** @description Id of the revocation; null while there is none. */
            revokedBy: null | string;
            /**
             * Format: date-time
             * @description When the channel took the revocation up.
             */
            revokedAt: string;
            /** @description In the answer to a revocation: MSP ids of members whose peers have committed it. Two make it done. */
            committedBy?: null | string[];
        };
        /** @description The delegates of a patient. */
        PatientDelegates: {
            /** @description Newest appointment first, those whose power is over included. */
            delegates: components["schemas"]["PatientDelegate"][];
            /** @description Cursor of the next page; null on the last. */
            next: null | string;
        };
        /** @description A hospital that the patient knows. */
        PatientMember: {
            /** @description MSP id. */
            mspId: string;
            /** @description Name for people; null where the channel has none. */
            name: null | string;
            /**
             * Format: date-time
             * @description Since when.
             */
            since: string;
            /** @description The link that the patient signed; null for the hospital that enrolled the patient. */
            statementId: null | string;
        };
        /** @description Two ids that hospitals say are one person. */
        PatientMerge: {
            /** @description Id of the merge; a signed revocation of it under either of the two stops the merge. */
            mergeId: string;
            /** @description The id that goes out of use. */
            merged: string;
            /** @description The id that stays. */
            surviving: string;
            /**
             * @description `incomplete` (another hospital's word is missing), `open` (denies count for both; hospitals may object), `settled` or
             *     `stopped`.
             */
            status: string;
            /** @description MSP ids of the hospitals that say so, in their order. */
            saidBy: string[];
            /**
             * Format: date-time
             * @description When it was enough, by the channel; null while it is not.
             */
            completeAt: string;
            /**
             * Format: date-time
             * @description From when only the patient stops it; null while incomplete, and until a node has spoken after it was.
             */
            settledAt: string;
            /** @description MSP id of the hospital that objected; null where none did. */
            objectedBy: null | string;
        };
        /** @description The merges of a patient, either way. */
        PatientMerges: {
            /** @description Newest word first. */
            merges: components["schemas"]["PatientMerge"][];
            /** @description Cursor of the next page; null on the last. */
            next: null | string;
        };
        /** @description A number by which this hospital knows a patient. */
        PatientNumber: {
            /** @description The hospital's own number, 1 to 64 characters. */
            number: string;
            /**
             * @description Who assigned it, as in NewPatient.
             * @default
             */
            authority: string;
            /** @description Type of the number, as in NewPatient. */
            type?: null | string;
        };
        /** @description A record as the channel describes it: no word of its content. */
        PatientRecord: {
            /** @description Id, `rc-…`. */
            recordId: string;
            /** @description MSP id of the hospital that holds it. */
            custodian: string;
            /**
             * Format: date-time
             * @description When it was registered.
             */
            registeredAt: string;
            /**
             * Format: date-time
             * @description When the data arose.
             */
            date: string;
            /** @description HL7 v3 Confidentiality code. */
            confidentiality: string;
            /** @description Category tokens. */
            categories: string[];
            /** @description Label tokens. */
            labels: string[];
            /**
             * Format: int64
             * @description Length of the ciphertext in bytes.
             */
            size: number;
            /** @description What became of it by later records; empty for one that stands as it is. */
            fates: components["schemas"]["RecordFate"][];
        };
        /** @description The records of a patient that the caller may know of. */
        PatientRecords: {
            /** @description At most as many as asked for, newest data first. */
            records: components["schemas"]["PatientRecord"][];
            /** @description Cursor of the next page; null on the last. */
            next?: null | string;
        };
        /** @description Before and after, for one record. */
        PreviewDecision: {
            /** @description The record. */
            recordId: string;
            /** @description MSP id of its custodian. */
            custodian: string;
            /** @description As it is now. */
            before: components["schemas"]["PreviewOutcome"];
            /** @description As it would be. */
            after: components["schemas"]["PreviewOutcome"];
        };
        /** @description A decision. */
        PreviewOutcome: {
            /** @description True when the record may be read. */
            permitted: boolean;
            /** @description Code, such as `permit.signed`. */
            reason: string;
            /** @description The statement that decides; null when none does, or the one that is previewed. */
            statementId: null | string;
        };
        /** @description What one reader could read for one purpose. */
        PreviewReader: {
            /** @description MSP id; null for any hospital that no statement names. */
            org: null | string;
            /** @description Role; null for anyone there whose role is not named. */
            role: null | string;
            /** @description Staff id; null for anyone there who is not named. */
            staff: null | string;
            /**
             * @description Purpose of use. Where a statement says `emergency: never`, `ETREAT` is there, too, for what an emergency session of that reader
             *     could read.
             */
            purpose: string;
            /** @description The difference in plain words. */
            words: string;
            /**
             * Format: int32
             * @description Records that could be read then and cannot be now.
             */
            gained: number;
            /**
             * Format: int32
             * @description Records that could not be read then and can be now.
             */
            lost: number;
            /** @description One entry per record, in the order of the records. */
            records: components["schemas"]["PreviewDecision"][];
        };
        /** @description A record, as far as this node can tell what it is. */
        PreviewRecord: {
            /** @description Id, `rc-…`. */
            recordId: string;
            /** @description MSP id of the hospital that holds it. */
            custodian: string;
            /**
             * Format: date-time
             * @description When the data arose.
             */
            date: string;
            /** @description HL7 v3 Confidentiality code. */
            confidentiality: string;
            /** @description Codes; tokens where this node does not know what they stand for. */
            categories: string[];
            /** @description Codes; tokens where this node does not know what they stand for. */
            labels: string[];
        };
        /** @description That a broad permit does not count at once. */
        PreviewWaiting: {
            /**
             * Format: date-time
             * @description From when it would count if it were signed now and nobody signs it a second time.
             */
            from: string;
            /** @description The same in plain words. */
            words: string;
        };
        ProblemDetails: {
            type?: null | string;
            title?: null | string;
            /** Format: int32 */
            status?: number | null;
            detail?: null | string;
            instance?: null | string;
        };
        /** @description A proposal. */
        ProposalEntry: {
            /** @description Id, `pp-…`. */
            proposalId: string;
            /** @description The change. */
            change: components["schemas"]["GovernanceChange"];
            /** @description MSP id of the member that proposed it. */
            proposedBy: string;
            /**
             * Format: date-time
             * @description Proposal time of that transaction; votes are taken for TimeSpan Governance.Open after it.
             */
            proposedAt: string;
            /** @description Since when it holds; null while it has no majority. */
            appliedAt?: string | null;
        };
        /** @description A page of what members proposed, newest first. */
        ProposalPage: {
            /** @description The proposals with their votes. */
            proposals: components["schemas"]["ProposalView"][];
            /** @description Cursor of the next page; null on the last. */
            next: null | string;
        };
        /** @description A proposal with its votes. */
        ProposalView: {
            /** @description The proposal. */
            proposal: components["schemas"]["ProposalEntry"];
            /** @description Votes, ordered by MSP id. */
            votes: components["schemas"]["VoteEntry"][];
        };
        /** @description Asks a node to say that a transaction is committed and valid. It signs only what its own copy of the channel says, too. */
        ReceiptQuestion: {
            /** @description Name of the channel. */
            channel: string;
            /**
             * Format: uint64
             * @description Number of the block.
             */
            block: number | string;
            /** @description Hash of the block's header. */
            headerHash: string;
            /** @description The transaction. */
            transactionId: string;
            /** @description SHA-256 of its envelope. */
            envelopeHash: string;
            /** @description The patient whose credential signed; null with Credential. */
            patientId?: null | string;
            /** @description The delegate or signer whose credential it is; null for the patient's own. */
            delegateId?: null | string;
            credential?: null | components["schemas"]["Credential"];
        };
        /** @description What became of a record by a later one of the same hospital. */
        RecordFate: {
            /**
             * @description `replaces` (the later one says all of it as it is now), `amends` (it corrects or adds to a part), `cancels` (it did not happen, or was
             *     wrong) or `withdraws` (the hospital took it back).
             */
            relation: string;
            /** @description The later record; null where it is not among those that are shown. */
            by: null | string;
            /**
             * Format: date-time
             * @description When the hospital said so.
             */
            at: string;
        };
        /** @description A document or an image in a record, kept as a record of its own. */
        RecordPart: {
            /**
             * Format: int32
             * @description Its number in the record, from 1.
             */
            number: number;
            /** @description Its place in the message, such as `OBX[3]-5(1)`. */
            place: string;
            /** @description What the message says it is, such as `application/pdf`. */
            mediaType: string;
            /**
             * Format: int64
             * @description Its length in bytes.
             */
            size: number;
        };
        /** @description The documents and images in a record. */
        RecordPartList: {
            /** @description In the message's order; empty for a record that has none by themselves. */
            parts: components["schemas"]["RecordPart"][];
        };
        /** @description Where a record comes from: what its message says of its sender, and how it came to the hospital that holds it. */
        RecordProvenance: {
            /** @description The record. */
            recordId: string;
            sendingApplication: null | components["schemas"]["MessageSource"];
            sendingFacility: null | components["schemas"]["MessageSource"];
            /** @description MSH-7 as it was written; null where it is not stated. */
            sentAt: null | string;
            /** @description MSH-9, message code and event; null where the record is no HL7 message. */
            messageType: null | string;
            /** @description MSH-10; null where it is not stated. */
            controlId: null | string;
            /**
             * Format: date-time
             * @description When the hospital received it; only its own node knows.
             */
            receivedAt: string;
            /** @description `mllp`, `http` or `folder`; only the hospital's own node knows. */
            door: null | string;
        };
        /** @description How one replica answered so far. */
        ReplicaHealth: {
            /** @description Its name; `own` is this node's store. */
            name: string;
            /**
             * Format: int64
             * @description How often it was challenged.
             * @default 0
             */
            challenges: number;
            /**
             * Format: int64
             * @description How often it did not show what was asked for.
             * @default 0
             */
            failures: number;
            /** @description When it was challenged last. */
            lastChallengeAt?: string | null;
            /** @description When it last showed what was asked for. */
            lastSuccessAt?: string | null;
            /** @description When it last did not. */
            lastFailureAt?: string | null;
            /** @description What happened then. */
            lastFailure?: null | string;
            /** @description Since when it does not answer as it should; null while it does. */
            unavailableSince?: string | null;
        };
        /**
         * @description What a review found.
         * @enum {unknown}
         */
        ReviewOutcome: "justified" | "notJustified" | "needsInquiry";
        /**
         * @description What a caller is; one role per token.
         * @enum {unknown}
         */
        Role: "physician" | "nurse" | "registrar" | "patient" | "itAdministrator" | "privacyOfficer" | "auditor" | "system" | "pharmacist" | "delegate" | "researcher";
        /** @description How far the reading of everything that is pinned here is. */
        ScrubState: {
            /**
             * Format: int64
             * @description Contents pinned here, as listed last.
             */
            contents: number;
            /**
             * Format: int64
             * @description Those that were not read whole since they were pinned.
             */
            neverRead: number;
            /**
             * Format: date-time
             * @description Every content here was read whole, or came, after this time; null where nothing is pinned.
             */
            everythingReadSince: string;
            /** @description True while some content was not read within the time that the settings allow. */
            overdue: boolean;
        };
        /** @description A public key for HPKE (RFC 9180), DHKEM(P-256, HKDF-SHA256). */
        SealingKey: {
            /** @description Id of the key, 1 to 64 letters, digits, dots, underscores and hyphens. */
            keyId: string;
            /** @description The uncompressed point, 65 bytes, base64url. */
            publicKey: string;
        };
        /** @description Which portals get a second passkey from this origin's page, or at which sites one can be made. */
        SecondKeyOrigins: {
            /** @description Origins, such as `https://north.example`. */
            items: string[];
        };
        /** @description The member that runs this node. */
        SessionOrganization: {
            /** @description MSP id. */
            mspId: string;
            /** @description `hospital` or `regulator`. */
            kind: components["schemas"]["NodeKind"];
            /** @description Name for people. */
            displayName: string;
        };
        /** @description Who is signed in. */
        SessionView: {
            /** @description Name for people. */
            name: string;
            /** @description What the person is, such as `physician`. */
            role: components["schemas"]["Role"];
            /** @description Random id under which the ledger knows this member of staff. */
            staffId: null | string;
            /** @description The patient's id on the channel; for a delegate that of the patient who is acted for. */
            patientId: null | string;
            /** @description The id under which a delegate, or a passkey that hospitals vouch for, signs. */
            delegateId: null | string;
            /** @description The member that runs this node. */
            organization: components["schemas"]["SessionOrganization"];
            /** @description Name of the channel, which every statement names. */
            channel: string;
            /**
             * Format: date-time
             * @description When the session ends at the latest.
             */
            expiresAt: string;
            /**
             * Format: date-time
             * @description Until when the passkey's last use counts as fresh; null once it does not.
             */
            stepUpUntil: string;
            /** @description The passkey that opened the session, base64url. */
            credentialId: string;
        };
        /** @description A WebAuthn assertion; every member in base64url. */
        SignedAssertion: {
            /** @description Credential id. */
            credential: string;
            /** @description Authenticator data. */
            authenticatorData: string;
            /** @description Client data, its bytes as the browser made them. */
            clientDataJSON: string;
            /** @description Signature in DER. */
            signature: string;
        };
        /**
         * @description A statement and the proof that its signer made it. Argument of every transaction that takes a
         *     signed statement.
         */
        SignedStatement: {
            /** @description The statement's exact canonical bytes, base64url, at most 16 KiB. */
            statement: string;
            /** @description The assertion over them. */
            assertion: components["schemas"]["SignedAssertion"];
        };
        /** @description A key of a member of staff. A revoked one stays, so that its id is never used again. */
        StaffKeyEntry: {
            /** @description MSP id of the hospital that vouches for it. */
            member: string;
            /** @description Staff id. */
            staff: string;
            /** @description Role. */
            role: string;
            /** @description The key. */
            credential: components["schemas"]["Credential"];
            /**
             * Format: date-time
             * @description Proposal time.
             */
            registeredAt: string;
            /** @description Proposal time of the revocation; null while in force. */
            revokedAt?: string | null;
        };
        /** @description A page of the keys of this hospital's staff. */
        StaffKeyPage: {
            /** @description Those registered first come first, revoked ones included. */
            keys: components["schemas"]["StaffKeyEntry"][];
            /** @description Cursor of the next page; null on the last. */
            next: null | string;
        };
        /** @description Somebody who works at this member. */
        StaffMember: {
            /** @description Id of the person at this node. */
            id: string;
            /** @description What the person is. */
            role: components["schemas"]["Role"];
            /** @description Name for people. */
            displayName: string;
            /** @description Random id under which the ledger knows the person. */
            staffId: null | string;
            /**
             * Format: date-time
             * @description When the first passkey was enrolled.
             */
            enrolledAt: string;
            /**
             * Format: date-time
             * @description When a passkey was used last; null for never since it was enrolled.
             */
            lastUsedAt: string;
            /**
             * Format: int32
             * @description Passkeys that sign the person in.
             */
            passkeys: number;
            /**
             * Format: int32
             * @description Sessions that are open.
             */
            sessions: number;
            /**
             * Format: int32
             * @description Keys on the channel that sign emergencies for the person; not 0 after a disabling: the node goes on revoking them.
             */
            keysInForce: number;
            /**
             * Format: date-time
             * @description When the person was disabled; null while not.
             */
            disabledAt: string;
            /** @description True for the caller. */
            self: boolean;
            /**
             * Format: int32
             * @description In the answer to a disabling: how many open one-time links went with it, those that the person had made for patients or colleagues, who
             *     need new ones, and one that was for the person.
             */
            linksWithdrawn?: number | null;
        };
        /** @description People of the staff, in the order of their enrolment. */
        StaffPage: {
            /** @description At most as many as asked for. */
            items: components["schemas"]["StaffMember"][];
            /** @description Cursor of the next page; null on the last. */
            next: null | string;
        };
        /** @description A permit that somebody else signed in the patient's place, and that a confirmation keeps. */
        UnconfirmedPermit: {
            /** @description The permit. */
            consent: components["schemas"]["Consent"];
            /**
             * Format: date-time
             * @description First instant at which it does not count unless it is confirmed; null where it does not count now.
             */
            lapsesAt: string;
        };
        /** @description What waits for the confirmation of whoever asks. */
        UnconfirmedPermits: {
            /** @description First what does not count now, then by when it lapses. */
            permits: components["schemas"]["UnconfirmedPermit"][];
        };
        /** @description What to verify. */
        VerificationOrder: {
            /** @description SHA-256 that the genesis block must have, 64 hexadecimal digits, as the members agreed on it; null takes any. */
            genesis?: null | string;
        };
        /** @description Verifications, newest first. */
        VerificationPage: {
            /** @description At most as many as asked for. */
            items: components["schemas"]["VerificationRun"][];
            /** @description Cursor of the next page; null on the last. */
            next: null | string;
        };
        /** @description A verification of the channel. */
        VerificationRun: {
            /** @description Its id. */
            id: string;
            /** @description How far it came. */
            state: components["schemas"]["VerificationState"];
            /** @description The hash that the genesis block had to have; null where none was given. */
            genesis: null | string;
            /**
             * Format: date-time
             * @description When it began.
             */
            startedAt: string;
            /**
             * Format: date-time
             * @description When it ended; null while it runs, and where the node was stopped meanwhile.
             */
            finishedAt: string;
            /**
             * Format: int64
             * @description Blocks found right so far, as noted about once a second.
             */
            blocksDone: number;
            /**
             * Format: int64
             * @description Blocks that the channel had when it began; null until that is known.
             */
            blocksTotal: number | null;
            result: null | components["schemas"]["AuditResult"];
            /** @description Stable code of what kept it from reading on, `verification.stopped` where somebody stopped it; null otherwise. */
            reason: null | string;
        };
        /**
         * @description How far a verification of the channel came.
         * @enum {unknown}
         */
        VerificationState: "running" | "passed" | "faultFound" | "interrupted" | "failed";
        /** @description A member's vote for a proposal: one key for each member, so that two that vote at once do not undo each other. */
        VoteEntry: {
            /** @description The proposal. */
            proposalId: string;
            /** @description MSP id. */
            member: string;
            /**
             * Format: date-time
             * @description Proposal time.
             */
            votedAt: string;
        };
        /**
         * @description What a hospital vouches for in a signer.
         * @enum {unknown}
         */
        VouchedKind: "guardian" | "credential";
        /** @description A signer that hospitals vouch for. */
        VouchedSigner: {
            /** @description Id, `dg-…`. */
            signerId: string;
            /** @description `guardian` or `credential`. */
            kind: string;
            /**
             * @description `incomplete` (another hospital's word is missing), `waiting` (it may only deny and revoke), `active`, `ended` or
             *     `objected`.
             */
            status: string;
            /** @description Its credentials. */
            credentials: components["schemas"]["Credential"][];
            /** @description MSP ids of the hospitals that vouch, in their order. */
            vouchedBy: string[];
            /**
             * Format: date-time
             * @description When the waiting time is over, by the channel's time; null while incomplete.
             */
            activeFrom: string;
            /**
             * Format: date-time
             * @description First instant without the guardian's power; null for a credential.
             */
            end: string;
            /** @description True for a guardian whose permits another guardian must confirm. */
            joint: boolean;
            /** @description MSP id of the hospital that objected, or brought the patient's objection. */
            objectedBy: null | string;
            /**
             * Format: date-time
             * @description When.
             */
            objectedAt: string;
            /** @description In the answer to an objection: MSP ids of members whose peers have committed it. Two make it done. */
            committedBy?: null | string[];
        };
        /** @description The signers of a patient that hospitals vouch for. */
        VouchedSignersOfPatient: {
            /** @description Newest word first. */
            signers: components["schemas"]["VouchedSigner"][];
            /** @description Cursor of the next page; null on the last. */
            next: null | string;
        };
        /** @description A webhook. */
        Webhook: {
            /** @description Its id. */
            id: string;
            /** @description Where to. */
            url: string;
            /** @description Of what. */
            topics: string[];
            /** @description What it is for. */
            description: null | string;
            /**
             * Format: date-time
             * @description When it was made.
             */
            createdAt: string;
            /** @description Who made it. */
            createdBy: string;
            /**
             * Format: date-time
             * @description Since when nothing was taken; null while it works.
             */
            failingSince: string;
            /**
             * Format: date-time
             * @description When it was switched off; null while it is not.
             */
            disabledAt: string;
            /** @description Why: `failing` for long, `gone` as it said itself, or `makerDisabled`: who made it was disabled, or may not read that any more. */
            disabledCode: null | string;
        };
        /** @description A page of deliveries, newest first. */
        WebhookDeliveries: {
            /** @description The deliveries. */
            items: components["schemas"]["WebhookDelivery"][];
            /** @description Cursor of the next page; null on the last. */
            next: null | string;
        };
        /** @description Something sent, or to be sent. */
        WebhookDelivery: {
            /** @description Its id, the header `webhook-id`: the same however often it is sent. */
            id: string;
            /** @description What it tells, such as `notification.consentRevoked`. */
            kind: string;
            /** @description `waiting`, `delivered` or `failed`. */
            state: string;
            /**
             * Format: date-time
             * @description When it was made; what is replayed "since" goes by it.
             */
            createdAt: string;
            /**
             * Format: int64
             * @description How often it was tried since then, or since it was replayed.
             */
            attempts: number;
            /**
             * Format: date-time
             * @description When it was tried last.
             */
            lastAttemptAt: string;
            /**
             * Format: date-time
             * @description When it is tried next; null where it is not.
             */
            nextAttemptAt: string;
            /** @description What the last try came to: an HTTP status, `timeout`, `unreachable` or `addressRefused`. Never what was answered. */
            outcome: null | string;
        };
        /** @description A page of webhooks, oldest first. */
        WebhookPage: {
            /** @description The webhooks. */
            items: components["schemas"]["Webhook"][];
            /** @description Cursor of the next page; null on the last. */
            next: null | string;
        };
        /** @description What to send again. */
        WebhookReplay: {
            /**
             * Format: date-time
             * @description All that was to be sent since then and is kept.
             */
            since: string;
        };
        /** @description What is sent again. */
        WebhookReplayed: {
            /**
             * Format: int64
             * @description How many deliveries.
             */
            deliveries: number;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
