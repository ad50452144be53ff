using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace HealthShare.Fabric.Protocol.Grpc;

/// <summary>
/// Serves gRPC methods from ASP.NET Core endpoints. A handler refuses by throwing <see cref="RpcException"/>, whose code,
/// detail and status details reach the client; any other exception is logged, and the client sees
/// <see cref="StatusCode.Unknown"/> without its text.
/// </summary>
public static class GrpcEndpoints
{
    /// <summary>Maps a method that takes one message and answers with one.</summary>
    public static IEndpointConventionBuilder MapGrpcUnary<TRequest, TResponse>(
        this IEndpointRouteBuilder endpoints, GrpcMethod<TRequest, TResponse> method,
        Func<TRequest, GrpcServerContext, Task<TResponse>> handler, GrpcServerOptions? options = null)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> =>
        Map(endpoints, method, options, async (stream, context) =>
            stream.WriteSingle(await handler(await stream.ReadSingleAsync(), context)));

    /// <summary>Maps a method that takes one message and answers with a stream; each message is flushed at once.</summary>
    public static IEndpointConventionBuilder MapGrpcServerStream<TRequest, TResponse>(
        this IEndpointRouteBuilder endpoints, GrpcMethod<TRequest, TResponse> method,
        Func<TRequest, GrpcServerContext, IAsyncEnumerable<TResponse>> handler, GrpcServerOptions? options = null)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> =>
        Map(endpoints, method, options, async (stream, context) =>
        {
            var answers = handler(await stream.ReadSingleAsync(), context);
            await foreach (var answer in answers.WithCancellation(context.CancellationToken))
            {
                await stream.WriteAsync(answer);
            }
        });

    /// <summary>Maps a method with streams in both directions; the call ends with OK when the handler returns.</summary>
    public static IEndpointConventionBuilder MapGrpcDuplex<TRequest, TResponse>(
        this IEndpointRouteBuilder endpoints, GrpcMethod<TRequest, TResponse> method,
        Func<IGrpcServerStream<TRequest, TResponse>, GrpcServerContext, Task> handler, GrpcServerOptions? options = null)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> =>
        Map(endpoints, method, options, handler);

    private static IEndpointConventionBuilder Map<TRequest, TResponse>(
        IEndpointRouteBuilder endpoints, GrpcMethod<TRequest, TResponse> method, GrpcServerOptions? options,
        Func<GrpcServerStream<TRequest, TResponse>, GrpcServerContext, Task> handler)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        var settings = options ?? new GrpcServerOptions();
        RequestDelegate serve = http => GrpcServerCall.RunAsync(http, settings, async context =>
        {
            using var stream = new GrpcServerStream<TRequest, TResponse>(context, method.RequestParser);
            await handler(stream, context);
        });
        return endpoints.MapPost(method.Path, serve);
    }
}
