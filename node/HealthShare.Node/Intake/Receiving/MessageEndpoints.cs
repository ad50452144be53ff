using System.Data.Common;
using System.Text.Json.Serialization;
using HealthShare.Hl7.Acknowledgements;
using HealthShare.Node.Auth;
using HealthShare.Node.Intake.Journal;
using HealthShare.Node.Problems;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Intake.Receiving;

/// <summary><c>/api/v1/messages</c>: HL7 v2 over HTTP.</summary>
internal static class MessageEndpoints
{
    private const string MediaType = "application/hl7-v2";

    public static void MapMessages(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/v1/messages").RequirePermission(Permission.SendMessages).WithTags("Messages");
        group.MapPost("/", Post).WithSummary("Hand in one HL7 v2 message (ER7)")
            .WithDescription("Answers once the message is durable. The same message again is answered with 200 and has no second effect.")
            .Accepts<string>(MediaType, "text/plain").ProducesProblem(400).ProducesProblem(413).ProducesProblem(422).ProducesProblem(503);
        group.MapGet("/{id}", Get).WithSummary("See how far a message has come").ProducesProblem(404);
    }

    private static async Task<Results<Accepted<MessageReceipt>, Ok<MessageReceipt>, ProblemHttpResult>> Post(
        HttpContext http, MessageReceiver receiver, IOptions<IntakeOptions> options, CancellationToken ct)
    {
        var limit = options.Value.MaxMessageBytes;
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
            feature.MaxRequestBodySize = limit;
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, ct);
        Receipt receipt;
        try
        {
            receipt = await receiver.ReceiveAsync(body.GetBuffer().AsMemory(0, (int)body.Length), "http", ct);
        }
        catch (DbException)
        {
            http.Response.Headers.RetryAfter = "5";
            return new ApiProblem(StatusCodes.Status503ServiceUnavailable, "message.not_stored", "The message could not be stored; send it again.").ToResult();
        }
        if (receipt.Error is { } error)
        {
            var status = receipt.Outcome is Outcome.Rejected ? StatusCodes.Status400BadRequest : StatusCodes.Status422UnprocessableEntity;
            var code = "message." + MessageReceiver.JsonName(error.Fault);
            var problem = new ProblemDetails { Status = status, Title = "The message is refused and kept in quarantine.", Detail = error.ToString() };
            problem.Extensions["code"] = code;
            problem.Extensions["messageId"] = receipt.Entry.Id;
            problem.Extensions["offset"] = error.Offset;
            return TypedResults.Problem(problem);
        }
        var answer = new MessageReceipt(receipt.Entry.Id, IntakeTable.NameOf(receipt.Entry.State), receipt.Entry.Duplicate, receipt.Entry.ControlIdReused);
        return receipt.Entry.Duplicate
            ? TypedResults.Ok(answer)
            : TypedResults.Accepted($"/api/v1/messages/{answer.Id}", answer);
    }

    private static async Task<Results<Ok<MessageStatus>, ProblemHttpResult>> Get(string id, IntakeTable table, CancellationToken ct) =>
        await table.FindAsync(id, ct) is { } message
            ? TypedResults.Ok(new MessageStatus(
                message.Id, message.State, DateTimeOffset.FromUnixTimeMilliseconds(message.ReceivedAt),
                DateTimeOffset.FromUnixTimeMilliseconds(message.UpdatedAt), message.Size, message.PatientId, message.RecordId,
                message.ControlIdReused != 0, message.ReasonCode, message.Reason, (int)message.Attempts))
            : ApiProblem.NotAvailable.ToResult();
}

/// <summary>What became of a message handed in.</summary>
/// <param name="Id">Id of the message here, to ask for its state.</param>
/// <param name="State">How far it has come: received, parsed, stored, registered or quarantined.</param>
/// <param name="Duplicate">True when the same message was here already.</param>
/// <param name="ControlIdReused">True when its facility used the same control id for other content.</param>
public sealed record MessageReceipt(string Id, string State, bool Duplicate, bool ControlIdReused);

/// <summary>How far a message has come.</summary>
/// <param name="Id">Id of the message here.</param>
/// <param name="State">Its state.</param>
/// <param name="ReceivedAt">When it was written to the journal.</param>
/// <param name="UpdatedAt">When it reached its state.</param>
/// <param name="Size">Length in bytes.</param>
/// <param name="PatientId">The patient on the channel; null until known.</param>
/// <param name="RecordId">The record on the channel; null in quarantine.</param>
/// <param name="ControlIdReused">True when its facility used the same control id for other content.</param>
/// <param name="ReasonCode">Why it is in quarantine or waits; null where neither.</param>
/// <param name="Reason">The same in words, with the place in the message.</param>
/// <param name="Attempts">How often its present step failed.</param>
public sealed record MessageStatus(
    string Id, string State, DateTimeOffset ReceivedAt, DateTimeOffset UpdatedAt, long Size, string? PatientId, string? RecordId,
    bool ControlIdReused, string? ReasonCode, string? Reason, int Attempts);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(MessageReceipt))]
[JsonSerializable(typeof(MessageStatus))]
internal sealed partial class MessageJson : JsonSerializerContext
{
    public static void AddTo(Microsoft.AspNetCore.Http.Json.JsonOptions options) => options.SerializerOptions.TypeInfoResolverChain.Insert(0, Default);
}
