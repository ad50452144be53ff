using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using HealthShare.Node.Auth;
using HealthShare.Node.Hosting.Idempotency;
using HealthShare.Node.Problems;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;

namespace HealthShare.Node.Hosting;

/// <summary>The API's description at <c>/openapi/v1.json</c>.</summary>
internal static class OpenApiSetup
{
    private const string Session = "session", Bearer = "bearer", Certificate = "certificate", Problem = "application/problem+json";

    public static IServiceCollection AddNodeOpenApi(this IServiceCollection services) => services.AddOpenApi("v1", options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "HealthShare node";
            document.Info.Description = "Errors are application/problem+json with a stable member 'code': "
                + string.Join(", ", ProblemCodes.All.Select(code => $"{code.Status} {code.Code}"))
                + "; and the codes of the channel's rules, such as statement.expired, with 422.";
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
            document.Components.SecuritySchemes[Session] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Cookie, Name = "__Host-healthshare",
                Description = "Session of a person who signed in with a passkey; without the prefix __Host- where the pages are http under localhost. "
                    + "What changes something also needs the header Origin of the node's own pages.",
            };
            document.Components.SecuritySchemes[Bearer] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = Bearer,
                Description = "Access token of the hospital's OpenID provider (JWT, RFC 9068), or an opaque token whose SHA-256 is in the node's settings.",
            };
            document.Components.SecuritySchemes[Certificate] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.MutualTLS,
                Description = "Client certificate of a program that the node's settings name, where the node asks for one.",
            };
            return Task.CompletedTask;
        });
        options.AddSchemaTransformer((schema, context, _) =>
        {
            AddNames(schema, context.JsonTypeInfo);
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            var endpoint = context.Description.ActionDescriptor.EndpointMetadata;
            string[] schemes = endpoint.OfType<IAllowAnonymous>().Any() ? []
                : endpoint.OfType<NeededPermission>().Any(needed => Permissions.TakesSession(needed.Permission)) ? [Session]
                : [Session, Bearer, Certificate];
            if (schemes.Length > 0)
                operation.Security = [.. schemes.Select(one => new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(one, context.Document)] = [] })];
            AddKey(operation, context);
            AddPageSize(operation, context);
            AddExamples(operation, context);
            return Task.CompletedTask;
        });
    });

    // The framework cannot see what a converter of our own writes.
    private static void AddNames(OpenApiSchema schema, JsonTypeInfo type)
    {
        var plain = Nullable.GetUnderlyingType(type.Type) ?? type.Type;
        if (!plain.IsEnum)
            return;
        schema.Enum = [.. Enum.GetValues(plain).Cast<object>().Select(value => JsonSerializer.SerializeToNode(value, type.Options.GetTypeInfo(plain))!)];
        if (plain != type.Type)
            schema.Enum.Add(JsonNullSentinel.JsonNull);
    }

    private static void AddKey(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        var needsCaller = !context.Description.ActionDescriptor.EndpointMetadata.OfType<IAllowAnonymous>().Any();
        if (!needsCaller || !IdempotencyKeys.Covers(context.Description.HttpMethod ?? "", $"/{context.Description.RelativePath}"))
            return;
        operation.Parameters ??= [];
        operation.Parameters.Add(new OpenApiParameter
        {
            Name = IdempotencyKeys.Header, In = ParameterLocation.Header, Schema = new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = 200 },
            Description = "The same request with the same key has no second effect and, for a day, the same answer.",
        });
    }

    private static void AddPageSize(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        if (context.Description.ActionDescriptor.EndpointMetadata.OfType<PageSize>().LastOrDefault() is not { } size)
            return;
        foreach (var parameter in (operation.Parameters ?? []).OfType<OpenApiParameter>())
        {
            parameter.Description = parameter.Name switch
            {
                PageSize.Parameter => $"Items of a page, 1 to {size.Most}; {size.UnlessTold} unless told.",
                "cursor" => "What an earlier page of this list gave for the next one.",
                _ => parameter.Description,
            };
        }
    }

    private static void AddExamples(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        var examples = new Examples(context.ApplicationServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions);
        var body = context.Description.ParameterDescriptions.FirstOrDefault(parameter => parameter.Source == BindingSource.Body)?.Type;
        foreach (var (type, content) in operation.RequestBody?.Content ?? new Dictionary<string, OpenApiMediaType>())
            content.Example = IsJson(type) && body is not null ? examples.Of(body) : Examples.OfText(type);
        foreach (var (status, answer) in operation.Responses ?? [])
        {
            var known = context.Description.SupportedResponseTypes.FirstOrDefault(one => $"{one.StatusCode}" == status);
            foreach (var (type, content) in answer.Content ?? new Dictionary<string, OpenApiMediaType>())
            {
                content.Example = type == Problem ? ProblemOf(status)
                    : IsJson(type) && known?.Type is { } answered ? examples.Of(answered)
                    : Examples.OfText(type);
            }
        }
    }

    private static bool IsJson(string type) => type is "application/json" or "text/json";

    private static JsonObject ProblemOf(string status)
    {
        var problem = ProblemCodes.All.FirstOrDefault(code => $"{code.Status}" == status) ?? ProblemCodes.All[0];
        return new JsonObject
        {
            ["status"] = problem.Status, ["title"] = problem.Words, ["code"] = problem.Code, ["requestId"] = "4bf92f3577b34da6a3ce929d0e0e4736",
        };
    }
}
