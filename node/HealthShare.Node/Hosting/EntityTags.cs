using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace HealthShare.Node.Hosting;

/// <summary>
/// Gives what is read a tag of its bytes, so that who has it already is answered with 304 and nothing else. Nobody stores an answer on
/// the way (<c>no-store</c> stays): the caller says what it still holds, and every check and every entry of a log is made as for any other reading.
/// </summary>
internal static class EntityTags
{
    private const string Json = "application/json; charset=utf-8";

    public static RouteGroupBuilder WithEntityTags(this RouteGroupBuilder endpoints) => endpoints.AddEndpointFilter(TagAsync);

    private static async ValueTask<object?> TagAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var result = await next(context);
        if (!HttpMethods.IsGet(context.HttpContext.Request.Method))
            return result;
        var inner = result;
        while (inner is INestedHttpResult nested)
            inner = nested.Result;
        if (inner is not IValueHttpResult { Value: { } value } || !inner.GetType().IsGenericType || inner.GetType().GetGenericTypeDefinition() != typeof(Ok<>))
            return result;
        var options = context.HttpContext.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        var bytes = JsonSerializer.SerializeToUtf8Bytes(value, options.GetTypeInfo(inner.GetType().GetGenericArguments()[0]));
        var tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 16))}\"";
        return TypedResults.Bytes(bytes, Json, entityTag: new EntityTagHeaderValue(tag));
    }
}
