using System.Diagnostics;
using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using Google.Protobuf;

namespace HealthShare.Fabric.Protocol.Grpc;

/// <summary>
/// One call as the client sees it: sends the request, reads messages until the status, and turns every failure into an
/// <see cref="RpcException"/> or, where the caller cancelled, an <see cref="OperationCanceledException"/>.
/// Disposing it before its end resets the HTTP/2 stream. It leaves the connections that it was counted in at.
/// </summary>
internal sealed class GrpcCall : IAsyncDisposable
{
    private static readonly StreamPipeReaderOptions ReaderOptions = new(bufferSize: 16 * 1024, minimumReadSize: 4 * 1024);

    private readonly GrpcConnections http;
    private readonly HttpRequestMessage request;
    private readonly ServerCertificateCheck? certificates;
    private readonly int maxSize;
    private readonly CancellationToken caller;
    private readonly CancellationTokenSource? deadline;
    private readonly CancellationTokenSource linked;
    private HttpResponseMessage? response;
    private PipeReader? reader;
    private bool answeredInHeaders;
    private bool left;

    public GrpcCall(
        GrpcConnections http, Uri uri, HttpContent content, GrpcChannelOptions channel, GrpcCallOptions call,
        ServerCertificateCheck? certificates, CancellationToken closing, CancellationToken caller)
    {
        (this.http, this.certificates, this.caller, maxSize) = (http, certificates, caller, channel.MaxMessageSize);
        request = new HttpRequestMessage(HttpMethod.Post, uri)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        request.Headers.Host = channel.TargetName;
        request.Headers.TryAddWithoutValidation("te", "trailers");
        request.Headers.TryAddWithoutValidation("user-agent", "fabric-dotnet");
        if (Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } traceParent } activity)
        {
            request.Headers.TryAddWithoutValidation("traceparent", traceParent);
            if (activity.TraceStateString is { Length: > 0 } state)
            {
                request.Headers.TryAddWithoutValidation("tracestate", state);
            }
        }
        if (call.Timeout is { } timeout)
        {
            request.Headers.TryAddWithoutValidation(GrpcHeaders.Timeout, GrpcHeaders.FormatTimeout(timeout));
            deadline = new CancellationTokenSource(GrpcHeaders.ForTimer(timeout), channel.TimeProvider);
        }
        linked = CancellationTokenSource.CreateLinkedTokenSource(caller, closing, deadline?.Token ?? CancellationToken.None);
        Token = linked.Token;
    }

    /// <summary>Cancelled by the caller, the deadline or the channel's end.</summary>
    public CancellationToken Token { get; }

    /// <summary>Sends the request and waits for the response's headers.</summary>
    public async Task OpenAsync()
    {
        try
        {
            response = await http.SendAsync(request, Token);
            CheckHeaders(response);
            reader = PipeReader.Create(await response.Content.ReadAsStreamAsync(Token), ReaderOptions);
        }
        catch (Exception e) when (e is not RpcException)
        {
            throw Translate(e);
        }
    }

    /// <summary>The next message; null when the server has closed the stream with status OK.</summary>
    public async ValueTask<T?> ReadAsync<T>(MessageParser<T> parser, CancellationToken ct)
        where T : class, IMessage<T>
    {
        try
        {
            var message = await GrpcFrames.ReadAsync(reader!, parser, maxSize, StatusCode.Internal, ct);
            if (message is null && !answeredInHeaders)
            {
                ThrowUnlessOk(response!.TrailingHeaders);
            }
            return message;
        }
        catch (Exception e) when (e is not RpcException)
        {
            throw Translate(e, ct);
        }
    }

    /// <summary>What the transport reported, in gRPC's terms.</summary>
    public Exception Translate(Exception e, CancellationToken ct = default)
    {
        if (e is RpcException)
        {
            return e;
        }
        if (caller.IsCancellationRequested)
        {
            return new OperationCanceledException("The call was cancelled.", e, caller);
        }
        if (deadline is { IsCancellationRequested: true })
        {
            return new RpcException(StatusCode.DeadlineExceeded, "No answer within the call's deadline.", inner: e)
            {
                Origin = RpcOrigin.Deadline,
            };
        }
        if (Token.IsCancellationRequested || e is ObjectDisposedException)
        {
            return new RpcException(StatusCode.Cancelled, "The channel or the call was closed.", inner: e)
            {
                Origin = RpcOrigin.Closed,
            };
        }
        if (e is OperationCanceledException)
        {
            return ct.IsCancellationRequested
                ? new OperationCanceledException("The call was cancelled.", e, ct)
                : new RpcException(StatusCode.Unavailable, $"No connection to {request.RequestUri!.Authority} in time.", inner: e)
                {
                    Origin = RpcOrigin.Connection,
                };
        }
        for (var cause = e; cause is not null; cause = cause.InnerException)
        {
            if (cause is HttpProtocolException protocol)
            {
                return new RpcException(StatusOf(protocol), "The server reset the stream or the connection.", inner: e)
                {
                    Origin = RpcOrigin.Connection,
                };
            }
        }
        return e switch
        {
            // A connection that is reset the moment it stands shows as the bare socket's error.
            HttpRequestException or IOException or AuthenticationException or SocketException =>
                certificates?.Explain(e, request.RequestUri!) ?? new RpcException(
                    StatusCode.Unavailable, $"No connection to {request.RequestUri!.Authority}: {e.GetBaseException().Message}", inner: e)
                {
                    Origin = RpcOrigin.Connection,
                },
            _ => new RpcException(StatusCode.Internal, $"The call failed: {e.Message}", inner: e),
        };
    }

    public async ValueTask DisposeAsync()
    {
        if (reader is not null)
        {
            await reader.CompleteAsync();
        }
        response?.Dispose();
        request.Dispose();
        linked.Dispose();
        deadline?.Dispose();
        if (!Interlocked.Exchange(ref left, true))
        {
            http.Leave();
        }
    }

    /// <summary>Stops everything still under way in this call.</summary>
    public Task AbortAsync() => linked.CancelAsync();

    private void CheckHeaders(HttpResponseMessage answer)
    {
        if (answer.StatusCode is not HttpStatusCode.OK)
        {
            throw new RpcException(StatusOf(answer.StatusCode), $"The server answered HTTP {(int)answer.StatusCode}.");
        }
        if (!GrpcHeaders.IsGrpc(answer.Content.Headers.ContentType?.ToString()))
        {
            throw new RpcException(StatusCode.Unknown, "The server's answer is not gRPC.");
        }
        if (answer.Headers.Contains(GrpcHeaders.Status))
        {
            ThrowUnlessOk(answer.Headers); // a reply of headers only
            answeredInHeaders = true;
        }
    }

    private static void ThrowUnlessOk(HttpHeaders headers)
    {
        var status = Value(headers, GrpcHeaders.Status) is { } code
            ? GrpcHeaders.ParseStatus(code)
            : throw new RpcException(StatusCode.Unknown, "The stream ended without a status.");
        if (status is StatusCode.OK)
        {
            return;
        }
        var detail = Value(headers, GrpcHeaders.Message) is { } text ? GrpcHeaders.DecodeMessage(text) : "";
        var details = Value(headers, GrpcHeaders.StatusDetails) is { } binary ? GrpcHeaders.DecodeBinary(binary) : default;
        throw new RpcException(status, detail, details);
    }

    private static string? Value(HttpHeaders headers, string name) =>
        headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : null;

    private static StatusCode StatusOf(HttpStatusCode code) => code switch
    {
        HttpStatusCode.BadRequest => StatusCode.Internal,
        HttpStatusCode.Unauthorized => StatusCode.Unauthenticated,
        HttpStatusCode.Forbidden => StatusCode.PermissionDenied,
        HttpStatusCode.NotFound => StatusCode.Unimplemented,
        HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable
            or HttpStatusCode.GatewayTimeout => StatusCode.Unavailable,
        _ => StatusCode.Unknown,
    };

    // RFC 9113 section 7, mapped as "gRPC over HTTP/2" asks.
    private static StatusCode StatusOf(HttpProtocolException e) => e.ErrorCode switch
    {
        0x0 or 0x7 => StatusCode.Unavailable,
        0x8 => StatusCode.Cancelled,
        0xb => StatusCode.ResourceExhausted,
        0xc => StatusCode.PermissionDenied,
        _ => StatusCode.Internal,
    };
}
