using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Transport;
using Penstock.Model.Numbers;

namespace Penstock.Connectivity.Orders;

/// <summary>
/// Funding payments of perpetual contracts by REST (R83), implemented by a venue's <see cref="IAccountQueries"/> where the private stream tells
/// that money moved and not for which contract. Never throws on foreign input.
/// </summary>
public interface IFundingHistory
{
    /// <summary>The account's payments of all contracts since a time; more than asked may come, payments are applied once anyway.</summary>
    RestRequest Fundings(ExchangeTime since, long unixNs);

    /// <summary>Adds a funding report per payment. On a cause other than None the batch is not to be used.</summary>
    QuarantineCause DecodeFundings(int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch);
}
