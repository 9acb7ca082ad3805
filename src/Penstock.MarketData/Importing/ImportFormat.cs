namespace Penstock.MarketData.Importing;

/// <summary>What an importer reads; docs/guides/capture.md describes each.</summary>
public enum ImportFormat
{
    /// <summary>Text files of cryptofeed's raw data collection: URL, time and frame per line.</summary>
    Cryptofeed,
    /// <summary>Files of hftbacktest's collector: local time and raw frame per line.</summary>
    HftBacktest,
    /// <summary>CSV: exchange,symbol,timestamp,local_timestamp,id,side,price,amount.</summary>
    TardisTrades,
    /// <summary>CSV: exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount.</summary>
    TardisBook,
    /// <summary>recording/1 itself: the files of a rotated capture become one.</summary>
    Recording,
}
