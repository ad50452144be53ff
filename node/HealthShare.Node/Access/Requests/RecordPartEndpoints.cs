using HealthShare.Node.Auth;
using HealthShare.Node.Content.Parts;
using HealthShare.Node.Problems;

namespace HealthShare.Node.Access.Requests;

/// <summary>The documents and images in a permitted record, each by itself. Whoever may read the record may read them, and nobody else.</summary>
internal static class RecordPartEndpoints
{
    public static void MapRecordParts(this RouteGroupBuilder group)
    {
        group.MapGet("/{id}/records/{recordId}/parts", List).WithSummary("See which documents and images a permitted record holds")
            .WithDescription("Counts as a reading and is written down as one. 202 with Retry-After until the record's key has arrived.")
            .Produces<RecordPartList>().Produces(StatusCodes.Status202Accepted).ProducesProblem(404).ProducesProblem(502).ProducesProblem(503);
        group.MapGet("/{id}/records/{recordId}/parts/{number}", Read).WithSummary("Read a document or an image in a permitted record by itself")
            .WithDescription("Its bytes, with the media type that the message states. Counts as a reading of the record. 202 with Retry-After until the record's key has arrived.")
            .Produces(StatusCodes.Status200OK, contentType: MediaType.Unknown).Produces(StatusCodes.Status202Accepted)
            .ProducesProblem(404).ProducesProblem(502).ProducesProblem(503);
    }

    private static async Task<IResult> List(
        string id, string recordId, string? custodian, Caller caller, RecordAccess access, HttpContext http, CancellationToken ct) =>
        await access.ReadAsync<IReadOnlyList<PartPlace>>(id, recordId, custodian, caller, static async (record, token) => await record.PartsAsync(token), ct) switch
        {
            null => ApiProblem.NotAvailable.ToResult(),
            { Content: { } parts } => TypedResults.Ok(new RecordPartList(
                [.. parts.Select((part, i) => new RecordPart(i + 1, part.Place, part.MediaType, part.Size))])),
            _ => AccessRequestEndpoints.Pending(http),
        };

    private static async Task<IResult> Read(
        string id, string recordId, int number, string? custodian, Caller caller, RecordAccess access, RecordDownload download, HttpContext http, CancellationToken ct)
    {
        switch (await access.ReadAsync(id, recordId, custodian, caller, (record, token) => record.PartAsync(number, token), ct))
        {
            case null:
                return ApiProblem.NotAvailable.ToResult();
            case { Content: { } part, Height: var height }:
                // A sender chose type and bytes: no browser is to show them as a page of this node's.
                http.Response.Headers.ContentDisposition = "attachment";
                http.Response.Headers.ContentSecurityPolicy = "sandbox; default-src 'none'; frame-ancestors 'none'";
                await download.WriteAsync(http, part.Content, part.Place.MediaType, height, token => access.StandsAsync(id, recordId, custodian, token), ct);
                return TypedResults.Empty;
            default:
                return AccessRequestEndpoints.Pending(http);
        }
    }
}
