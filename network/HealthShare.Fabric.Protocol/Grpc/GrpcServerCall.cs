using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace HealthShare.Fabric.Protocol.Grpc;

/// <summary>Runs one call on the server: limits, deadline, and the status at the end, whatever the handler does.</summary>
internal static partial class GrpcServerCall
{
    public static async Task RunAsync(HttpContext http, GrpcServerOptions options, Func<GrpcServerContext, Task> handler)
    {
        if (!GrpcHeaders.IsGrpc(http.Request.ContentType) || !http.Response.SupportsTrailers())
        {
            http.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return;
        }
        LiftBodyLimits(http);

        var timeoutText = http.Request.Headers[GrpcHeaders.Timeout].ToString();
        if (!GrpcHeaders.TryParseTimeout(timeoutText, out var timeout) && timeoutText.Length > 0)
        {
            End(http, new RpcException(StatusCode.Internal, "The grpc-timeout header is malformed."));
            return;
        }
        var hasDeadline = timeoutText.Length > 0;
        using var deadline = hasDeadline
            ? new CancellationTokenSource(GrpcHeaders.ForTimer(timeout), options.TimeProvider)
            : new CancellationTokenSource();
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, deadline.Token);
        var now = options.TimeProvider.GetUtcNow();
        var context = new GrpcServerContext(
            http, options, hasDeadline && timeout < DateTimeOffset.MaxValue - now ? now + timeout : null, linked.Token);
        try
        {
            await handler(context);
            End(http, null);
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client is gone: there is nobody to answer.
        }
        catch (Exception) when (deadline.IsCancellationRequested)
        {
            End(http, new RpcException(StatusCode.DeadlineExceeded, "The call's deadline passed."));
        }
        catch (RpcException e)
        {
            End(http, e);
        }
        catch (Exception e)
        {
            // What went wrong inside is for the server's log; the caller learns only that it did.
            LogFailed(Logger(http), e, http.Request.Path);
            End(http, new RpcException(StatusCode.Unknown, "The handler failed."));
        }
    }

    /// <summary>Sets the content type before the first message.</summary>
    public static void BeginResponse(HttpContext http)
    {
        if (!http.Response.HasStarted)
        {
            http.Response.ContentType = GrpcHeaders.ContentType;
        }
    }

    // An answer without any message is one of headers only, as the specification asks; else the status goes into trailers.
    private static void End(HttpContext http, RpcException? failure)
    {
        var response = http.Response;
        var answered = response.HasStarted || response.ContentType is not null;
        BeginResponse(http);
        Set(GrpcHeaders.Status, ((int)(failure?.Status ?? StatusCode.OK)).ToString(CultureInfo.InvariantCulture));
        if (failure is { Detail.Length: > 0 })
        {
            Set(GrpcHeaders.Message, GrpcHeaders.EncodeMessage(failure.Detail));
        }
        if (failure is { StatusDetails.IsEmpty: false })
        {
            Set(GrpcHeaders.StatusDetails, GrpcHeaders.EncodeBinary(failure.StatusDetails.Span));
        }

        void Set(string name, string value)
        {
            if (answered)
            {
                response.AppendTrailer(name, value);
            }
            else
            {
                response.Headers[name] = value;
            }
        }
    }

    // A stream may stay open and silent for days; messages have a limit of their own.
    private static void LiftBodyLimits(HttpContext http)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }
        if (http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }
    }

    private static ILogger Logger(HttpContext http) =>
        http.RequestServices.GetService<ILoggerFactory>()?.CreateLogger(typeof(GrpcServerCall).Namespace!)
        ?? NullLogger.Instance;

    [LoggerMessage(1001, LogLevel.Error, "The handler of {Method} failed.")]
    private static partial void LogFailed(ILogger logger, Exception e, string method);
}
