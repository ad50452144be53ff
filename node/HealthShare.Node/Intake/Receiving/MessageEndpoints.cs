using System.Data.Common;
using System.Text.Json.Serialization;
using HealthShare.Hl7.Acknowledgements;
using HealthShare.Node.Auth;
using HealthShare.Node.Intake.Journal;
using HealthShare.Node.Problems;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace HealthShare.Node.Intake.Receiving;

/// <summary><c>/api/v1/messages</c>: HL7 v2 over HTTP.</summary>
internal static class MessageEndpoints
{
    /// <summary>Media type of HL7 v2 in its ER7 form.</summary>
    public const string MediaType = "application/hl7-v2";

    public static void MapMessages(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/v1/messages").RequirePermission(Permission.SendMessages).WithTags("Messages");
        group.MapPost("/", Post).WithSummary("Hand in one HL7 v2 message (ER7)")
            .WithDescription("Answers once the message is durable. The same message again is answered with 200 and has no second effect.")
            .Accepts<string>(MediaType, "text/plain").ProducesProblem(400).ProducesProblem(413).ProducesProblem(422).ProducesProblem(503);
        group.MapPost("/batch", PostBatch).WithSummary("Hand in several HL7 v2 messages, with or without envelopes (FHS, BHS, BTS, FTS)")
            .WithDescription("Answers once all are durable, and says of each what became of it. Where the envelopes are wrong nothing is taken. "
                + "After 503 some may have been taken; the same body again has no second effect.")
            .Accepts<string>(MediaType, "text/plain").ProducesProblem(400).ProducesProblem(413).ProducesProblem(503);
    }

    private static async Task<Results<Accepted<MessageReceipt>, Ok<MessageReceipt>, ProblemHttpResult>> Post(
        HttpContext http, Caller caller, MessageReceiver receiver, MessageBodies bodies, CancellationToken ct)
    {
        Receipt receipt;
        try
        {
            using var body = await bodies.ReadAsync(http, ct);
            receipt = await receiver.ReceiveAsync(body.Bytes, "http", caller.Name, ct);
        }
        catch (Exception e) when (e is DbException or IntakeBusyException)
        {
            return Later(http, e);
        }
        if (receipt.Error is { } error)
        {
            var status = receipt.Outcome is Outcome.Rejected ? StatusCodes.Status400BadRequest : StatusCodes.Status422UnprocessableEntity;
            var problem = new ProblemDetails { Status = status, Title = "The message is refused and kept in quarantine.", Detail = error.ToString() };
            problem.Extensions["code"] = "message." + MessageReceiver.JsonName(error.Fault);
            problem.Extensions["messageId"] = receipt.Entry.Id;
            problem.Extensions["offset"] = error.Offset;
            return TypedResults.Problem(problem);
        }
        var answer = new MessageReceipt(receipt.Entry.Id, StateName.Of(receipt.Entry.State), receipt.Entry.Duplicate, receipt.Entry.ControlIdReused);
        return receipt.Entry.Duplicate
            ? TypedResults.Ok(answer)
            : TypedResults.Accepted($"/api/v1/messages/{answer.Id}", answer);
    }

    private static async Task<Results<Ok<BatchReceipt>, ProblemHttpResult>> PostBatch(
        HttpContext http, Caller caller, BatchReceiver receiver, MessageBodies bodies, CancellationToken ct)
    {
        BatchReceipt receipt;
        try
        {
            using var body = await bodies.ReadAsync(http, ct, isBatch: true);
            receipt = await receiver.ReceiveAsync(body.Bytes, "http", caller.Name, ct);
        }
        catch (Exception e) when (e is DbException or IntakeBusyException)
        {
            return Later(http, e);
        }
        if (receipt.Code is null)
            return TypedResults.Ok(receipt);
        var problem = new ProblemDetails { Status = StatusCodes.Status400BadRequest, Title = "Nothing of the batch was taken.", Detail = receipt.Reason };
        problem.Extensions["code"] = receipt.Code;
        problem.Extensions["offset"] = receipt.Offset;
        return TypedResults.Problem(problem);
    }

    private static ProblemHttpResult Later(HttpContext http, Exception why)
    {
        http.Response.Headers.RetryAfter = "5";
        var (code, title) = why is IntakeBusyException busy ? (busy.Code, busy.Message) : ("message.not_stored", "It could not be stored.");
        return new ApiProblem(StatusCodes.Status503ServiceUnavailable, code, title + " Send it again later.").ToResult();
    }
}

/// <summary>What became of a message handed in.</summary>
/// <param name="Id">Id of the message here, to ask for its state.</param>
/// <param name="State">How far it has come: received, parsed, stored, registered or quarantined.</param>
/// <param name="Duplicate">True when the same message was here already.</param>
/// <param name="ControlIdReused">True when its facility used the same control id for other content.</param>
public sealed record MessageReceipt(string Id, string State, bool Duplicate, bool ControlIdReused);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(MessageReceipt))]
[JsonSerializable(typeof(BatchReceipt))]
internal sealed partial class MessageJson : JsonSerializerContext
{
    public static void AddTo(Microsoft.AspNetCore.Http.Json.JsonOptions options) => options.SerializerOptions.TypeInfoResolverChain.Insert(0, Default);
}
