using HealthShare.Node.Auth;
using HealthShare.Node.Auth.Sessions;
using HealthShare.Node.Hosting;
using HealthShare.Node.Hosting.Idempotency;
using HealthShare.Node.Problems;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Webhooks;

/// <summary><c>/api/v1/webhooks</c>: the hospital's own systems that are told of events.</summary>
internal static class WebhookEndpoints
{
    private const int DefaultLimit = 50, LongestDescription = 200;

    private const string TestKind = "test";

    public static IServiceCollection AddWebhooks(this IServiceCollection services)
    {
        services.AddNodeOptions<WebhooksOptions, WebhooksOptionsValidator>("Webhooks")
            .Validate(options => options.Networks.All(network => System.Net.IPNetwork.TryParse(network, out _)),
                "HealthShare:Webhooks:Networks are networks such as 10.20.0.0/16.");
        services.AddSingleton<AddressRule>();
        services.AddSingleton<WebhookSender>();
        services.AddSingleton<WebhookTable>();
        services.AddSingleton<DeliveryTable>();
        services.AddSingleton<WebhookWorker>();
        services.AddHostedService(provider => provider.GetRequiredService<WebhookWorker>());
        return services.Configure<JsonOptions>(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, WebhookJson.Default));
    }

    public static void MapWebhooks(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/v1/webhooks").RequirePermission(Permission.ManageWebhooks).WithTags("Webhooks");
        group.MapPost("/", Create).RequireStepUp().WithSummary("Have one of the hospital's systems told of events")
            .WithDescription("The answer shows the secret, once. Deliveries are signed as the Standard Webhooks convention has it.")
            .ProducesProblem(400).ProducesProblem(403).ProducesProblem(409);
        group.MapGet("/", List).WithSummary("List webhooks, oldest first").Paged(ListPage.UnlessTold, ListPage.Most);
        group.MapGet("/{webhookId}", Get).WithSummary("See a webhook").ProducesProblem(404);
        group.MapDelete("/{webhookId}", Delete).RequireStepUp().WithSummary("Delete a webhook, its secret and its deliveries").ProducesProblem(404);
        group.MapPost("/{webhookId}/enable", Enable).WithSummary("Switch a webhook on again that was switched off")
            .WithDescription("What is kept goes out. lostBefore says that some of what happened before then is kept no longer. One whose maker was disabled "
                + "is switched on by somebody who may read what it tells of, and is that person's from then on.").ProducesProblem(403).ProducesProblem(404);
        group.MapPost("/{webhookId}/secret", RenewSecret).RequireStepUp().WithSummary("Give a webhook another secret; the old one signs nothing more")
            .WithDescription("The answer shows the secret, once. Position and deliveries stay.").ProducesProblem(403).ProducesProblem(404);
        group.MapPost("/{webhookId}/test", Test).WithSummary("Send a test").ProducesProblem(404);
        group.MapPost("/{webhookId}/replay", Replay).WithSummary("Send all again since a time, under the same ids").ProducesProblem(404);
        group.MapGet("/{webhookId}/deliveries", Deliveries).WithSummary("See what was sent and how it ended, newest first")
            .WithDescription($"At most {DeliveryTable.MaxLimit} a page, {DefaultLimit} unless told.").Paged(DefaultLimit, DeliveryTable.MaxLimit).ProducesProblem(404);
        group.MapPost("/{webhookId}/deliveries/{deliveryId}/replay", ReplayOne).WithSummary("Send a delivery again, under the same id").ProducesProblem(404);
    }

    private static async Task<Created<MadeWebhook>> Create(
        NewWebhook request, Caller caller, RequestIds ids, WebhookTable webhooks, AddressRule rule, IOptions<WebhooksOptions> options, CancellationToken ct)
    {
        if (rule.FaultOf(request.Url) is { } fault)
            throw Invalid(fault);
        var known = WebhookTopics.Names;
        if (request.Topics.Count == 0 || request.Topics.Count > known.Count || !request.Topics.All(topic => known.Contains(topic, StringComparer.Ordinal)))
            throw Invalid($"topics are some of {string.Join(", ", known)}.");
        if (request.Description is { } words && (words.Length > LongestDescription || words.Any(char.IsControl)))
            throw Invalid($"description has at most {LongestDescription} characters.");
        WebhookTopics.CheckReadable(request.Topics, caller);
        var id = $"wh-{ids.Hex("webhook")}";
        RequestIds.CheckNotMade(await webhooks.FindAsync(id, ct) is not null);
        var made = await webhooks.AddAsync(id, request, caller, options.Value.Most, ct) ?? throw new ApiProblemException(new ApiProblem(
            StatusCodes.Status409Conflict, "webhook.too_many", "There are as many webhooks as there may be; delete one first."));
        return TypedResults.Created($"/api/v1/webhooks/{made.Webhook.Id}", made);
    }

    private static async Task<Ok<WebhookPage>> List(string? cursor, int? limit, WebhookTable webhooks, CursorSeal seal, CancellationToken ct)
    {
        var (page, next) = seal.PageOf("webhooks", await webhooks.ListAsync(ct), webhook => (webhook.CreatedAt, webhook.Id), cursor, limit);
        return TypedResults.Ok(new WebhookPage([.. page.Select(webhook => webhook.ToView())], next));
    }

    private static async Task<Results<Ok<Webhook>, ProblemHttpResult>> Get(string webhookId, WebhookTable webhooks, CancellationToken ct) =>
        await webhooks.FindAsync(webhookId, ct) is { } webhook ? TypedResults.Ok(webhook.ToView()) : ApiProblem.NotAvailable.ToResult();

    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(string webhookId, Caller caller, WebhookTable webhooks, CancellationToken ct) =>
        await webhooks.DeleteAsync(webhookId, caller.Name, ct) ? TypedResults.NoContent() : ApiProblem.NotAvailable.ToResult();

    private static async Task<Results<Ok<EnabledWebhook>, ProblemHttpResult>> Enable(
        string webhookId, Caller caller, WebhookTable webhooks, CancellationToken ct) =>
        await webhooks.EnableAsync(webhookId, caller, ct) is { } enabled ? TypedResults.Ok(enabled) : ApiProblem.NotAvailable.ToResult();

    private static async Task<Results<Ok<MadeWebhook>, ProblemHttpResult>> RenewSecret(string webhookId, Caller caller, WebhookTable webhooks, CancellationToken ct)
    {
        if (await webhooks.FindAsync(webhookId, ct) is not { } webhook)
            return ApiProblem.NotAvailable.ToResult();
        WebhookTopics.CheckReadable(webhook.ToView().Topics, caller); // whoever knows the secret can speak as this node
        return await webhooks.RenewSecretAsync(webhookId, caller.Name, ct) is { } renewed ? TypedResults.Ok(renewed) : ApiProblem.NotAvailable.ToResult();
    }

    private static async Task<Results<Accepted<WebhookDelivery>, ProblemHttpResult>> Test(
        string webhookId, WebhookTable webhooks, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        return await webhooks.AddTestAsync(webhookId, new WebhookBody(TestKind, now, new WebhookData(null, webhookId, null, null)), now, ct) is { } id
            ? TypedResults.Accepted((string?)null, new WebhookDelivery(id, TestKind, "waiting", now, 0, null, now, null))
            : ApiProblem.NotAvailable.ToResult();
    }

    private static async Task<Results<Accepted<WebhookReplayed>, ProblemHttpResult>> Replay(
        string webhookId, WebhookReplay request, WebhookTable webhooks, DeliveryTable deliveries, CancellationToken ct) =>
        await webhooks.FindAsync(webhookId, ct) is null
            ? ApiProblem.NotAvailable.ToResult()
            : TypedResults.Accepted((string?)null, new WebhookReplayed(await deliveries.ReplayAsync(webhookId, request.Since, ct)));

    private static async Task<Results<Accepted<WebhookDelivery>, ProblemHttpResult>> ReplayOne(
        string webhookId, string deliveryId, DeliveryTable deliveries, CancellationToken ct) =>
        await deliveries.ReplayAsync(webhookId, deliveryId, ct) is { } delivery
            ? TypedResults.Accepted((string?)null, delivery)
            : ApiProblem.NotAvailable.ToResult();

    private static async Task<Results<Ok<WebhookDeliveries>, ProblemHttpResult>> Deliveries(
        string webhookId, string? cursor, int? limit, WebhookTable webhooks, DeliveryTable deliveries, CursorSeal seal, CancellationToken ct)
    {
        var list = $"deliveries {webhookId}";
        var before = cursor is null ? long.MaxValue : seal.Open(list, cursor) is { } text ? PageCursor.Number(text) : throw PageCursor.Invalid();
        if (await webhooks.FindAsync(webhookId, ct) is null)
            return ApiProblem.NotAvailable.ToResult();
        var (items, next) = await deliveries.ListAsync(webhookId, before, limit ?? DefaultLimit, ct);
        return TypedResults.Ok(new WebhookDeliveries(items, next is { } number ? seal.Seal(list, PageCursor.Number(number)) : null));
    }

    private static ApiProblemException Invalid(string detail) => new(ApiProblem.Invalid(detail));
}
