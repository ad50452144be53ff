using HealthShare.Node.Auth;
using HealthShare.Node.Problems;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Json;

namespace HealthShare.Node.Audit.Blocks;

/// <summary><c>/api/v1/ledger/blocks</c>.</summary>
internal static class BlockEndpoints
{
    private const string Name = "blocks";
    private const int DefaultLimit = 20, MaxLimit = 100;

    /// <summary>Register it after the database.</summary>
    public static IServiceCollection AddBlocks(this IServiceCollection services) => services
        .AddSingleton<BlockTable>()
        .Configure<JsonOptions>(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, BlockJson.Default));

    public static void MapBlocks(this IEndpointRouteBuilder app) =>
        app.MapGet("/api/v1/ledger/blocks", List).WithTags("Ledger").RequirePermission(Permission.SeeBlocks)
            .WithSummary("List the blocks of the channel as this node's copy has them, newest first")
            .WithDescription("Each was found to continue the chain as the node applied it. Two members whose hash of the same block differs do not have "
                + "the same channel. newest is the number of the block to begin with.").Paged(DefaultLimit, MaxLimit);

    private static async Task<Results<Ok<BlockPage>, ProblemHttpResult>> List(
        long? newest, string? cursor, int? limit, BlockTable table, CursorSeal seal, CancellationToken ct)
    {
        if (newest < 0)
            return ApiProblem.Invalid("newest is the number of a block, from 0.").ToResult();
        var page = await table.ListAsync(newest, seal.OpenCursor(Name, cursor), limit ?? DefaultLimit, ct);
        return TypedResults.Ok(page with { Next = seal.SealCursor(Name, page.Next) });
    }
}
